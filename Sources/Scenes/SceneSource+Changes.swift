import Rasters

/// A scene that is changed while it is read would become a mixture of both.
extension SceneSource {
  /// Refuses a scene of which any file is no longer as it was when the scene was opened.
  ///
  /// - Parameter isThorough: Whether to look in any case; else looking takes at most a fiftieth of the time between.
  /// - Throws: `SceneError` that names the file and how it was and is.
  public func requireUnchanged(isThorough: Bool = true) throws {
    let clock = ContinuousClock()
    let start = clock.now
    guard isThorough || start >= nextLook else { return }
    let change = inputs.firstChange()
    let cost = start.duration(to: clock.now)
    // Up to a millisecond it is nothing beside a tile: then no tile of a changed scene is kept.
    nextLook = cost < .milliseconds(1) ? start : clock.now + cost * 50
    guard let change else { return }
    throw SceneError(
      .io,
      """
      the scene has changed while it was read: \(change)
      when it no longer changes, the same command goes on if its pixels are as they were; else say --overwrite
      """)
  }

  /// What reading gives, unless the scene has changed.
  func unlessChanged<Value>(_ read: () throws -> Value) throws -> Value {
    let result = Result { try read() }
    try requireUnchanged(isThorough: false)
    if case .failure = result { try requireUnchanged() }  // which explains the failure, if so
    return try result.get()
  }
}

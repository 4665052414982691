import Rasters

/// Detection of changes: a scene that changes while it is read would be a mixture of two versions.
extension SceneSource {
  /// Throws if any file of the scene has changed since the scene was opened.
  ///
  /// - Parameter isThorough: Whether to check in any case; otherwise checks take at most a fiftieth of the time between
  ///   them.
  /// - Throws: `SceneError` with the file, its earlier state and its current state.
  public func requireUnchanged(isThorough: Bool = true) throws {
    let clock = ContinuousClock()
    let start = clock.now
    guard isThorough || start >= nextChangeCheck else { return }
    let change = inputs.firstChange()
    let cost = start.duration(to: clock.now)
    // Checks of up to a millisecond are negligible compared with a tile: then every tile is checked before it is kept.
    nextChangeCheck = cost < .milliseconds(1) ? start : clock.now + cost * 50
    guard let change else { return }
    throw SceneError(
      .io,
      """
      the scene has changed while it was read: \(change)
      once it no longer changes, the same command resumes if the pixels are unchanged; otherwise use --overwrite
      """)
  }

  /// Returns the result of a read, unless the scene has changed.
  func unlessChanged<Value>(_ read: () throws -> Value) throws -> Value {
    let result = Result { try read() }
    try requireUnchanged(isThorough: false)
    if case .failure = result { try requireUnchanged() }  // a change would explain the failure
    return try result.get()
  }
}

import Grids

/// Whole stages.
extension RunStore {
  /// Forgets which tiles are finished, so that stages are listed again: another process may have finished more.
  public func refresh() { forget() }

  /// Returns the failures among some tiles, in their order.
  func failures(among tiles: [TileIndex], in stage: StageName) throws -> [FailedTile] {
    try tiles.compactMap { tile in
      guard case .failed(let failure)? = try state(of: tile, in: stage) else { return nil }
      return FailedTile(tile, in: stage, failure)
    }
  }

  /// Returns the failed tiles, and the coarse tiles that cannot be calibrated because the overview failed under them.
  func failedTiles() throws -> [FailedTile] {
    let calibrations = try calibrations()
    let overview = try failures(among: plan.overview?.wanted ?? [], in: .overview)
    let unfitted = try plan.working.wanted.filter {
      try calibrations[$0] == nil && state(of: $0, in: .coarse) == .done
    }
    return try overview + failures(among: plan.working.wanted, in: .coarse)
      + unfitted.map {
        FailedTile(
          $0, in: .coarse, Failure(overview.kind, "the overview has no heights under the tile"))
      }
      + (plan.refinement == nil
        ? [] : failures(among: plan.outputTiles.filter { calibrations[$0] != nil }, in: .refined))
  }

  /// The digest of the inputs of a stage's tasks; nil if there is none.
  func basis(of stage: StageName) throws -> String? { try text("\(stage.rawValue)/basis") }

  /// Discards the results of a stage unless they were computed from the same inputs.
  ///
  /// - Parameters:
  ///   - stage: The stage to begin.
  ///   - basis: A digest of the inputs of its tasks.
  /// - Throws: `FileError` if a result cannot be removed, or the digest cannot be written.
  func begin(_ stage: StageName, on basis: String) throws {
    let name = "\(stage.rawValue)/basis"
    guard try text(name) != basis else { return }
    for file in try objects.list(stage.rawValue).keys.sorted() {
      try objects.remove("\(stage.rawValue)/\(file)")
    }
    forget(stage)
    try write(Array(basis.utf8).span.bytes, to: name)
  }
}

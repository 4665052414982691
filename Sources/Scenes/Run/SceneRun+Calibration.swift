import Grids
import Surfaces

/// The calibration of tiles, and the tiles that cannot be calibrated.
extension SceneRun {
  /// Returns the calibration of each coarse tile to the scene's common scale and offset, which the overview defines.
  func calibrations(of store: RunStore) async throws -> [TileIndex: TileAlignment
    .Calibration]
  {
    let threads = resources.threads
    guard plan.normalization == .scene else { return try minMaxScales(of: store) }
    guard let overview = plan.overview else {
      return Dictionary(uniqueKeysWithValues: plan.working.wanted.map { ($0, .identity) })
    }
    let above = try await SceneAlignment(
      store: store, level: overview, stage: .overview, reference: nil
    ).calibrations(for: overview.wanted, threads: threads)
    let reference = TileMosaic(level: overview, stage: .overview, store: store, calibrations: above)
    return try await SceneAlignment(
      store: store, level: plan.working, stage: .coarse, reference: reference
    ).calibrations(for: plan.working.wanted, threads: threads)
  }

  /// Returns calibrations that map each tile's own minimum and maximum to 0 and 1.
  private func minMaxScales(of store: RunStore) throws -> [TileIndex: TileAlignment
    .Calibration]
  {
    let done = try plan.working.wanted.filter { try store.state(of: $0, in: .coarse) == .done }
    return Dictionary(
      uniqueKeysWithValues: try done.map { tile in
        let (lowest, highest) = try store.values(of: tile, in: .coarse).finiteRange
        let scale = highest > lowest ? 1 / Double(highest - lowest) : 1
        return (tile, TileAlignment.Calibration(scale: scale, shift: -scale * Double(lowest)))
      })
  }

  /// Returns the failed tiles, and the coarse tiles that cannot be calibrated because the overview failed under them.
  func failedTiles(
    in store: RunStore, _ calibrations: [TileIndex: TileAlignment.Calibration]
  ) throws -> [FailedTile] {
    let overview = try store.failures(among: plan.overview?.wanted ?? [], in: .overview)
    let unfitted = try plan.working.wanted.filter {
      try calibrations[$0] == nil && store.state(of: $0, in: .coarse) == .done
    }
    return try overview + store.failures(among: plan.working.wanted, in: .coarse)
      + unfitted.map {
        FailedTile(
          $0, in: .coarse, Failure(overview.kind, "the overview has no heights under the tile"))
      }
      + store.failures(among: plan.outputTiles.filter { calibrations[$0] != nil }, in: .refined)
  }
}

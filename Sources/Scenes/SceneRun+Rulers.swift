import Grids
import Surfaces

/// How tiles come onto one ruler, and which cannot.
extension SceneRun {
  /// How each coarse tile comes onto the one ruler of the scene, that of the overview.
  func rulers(of store: FolderTileStore) async throws -> [TileIndex: TileAlignment.Ruler] {
    let threads = resources.threads
    guard plan.normalization == .scene else { return try stretches(of: store) }
    guard let overview = plan.overview else {
      return Dictionary(uniqueKeysWithValues: plan.working.wanted.map { ($0, .identity) })
    }
    let above = try await SceneAlignment(
      store: store, level: overview, stage: .overview, reference: nil
    ).rulers(for: overview.wanted, threads: threads)
    let reference = TileMosaic(level: overview, stage: .overview, store: store, rulers: above)
    return try await SceneAlignment(
      store: store, level: plan.working, stage: .coarse, reference: reference
    ).rulers(for: plan.working.wanted, threads: threads)
  }

  /// Each tile by itself, from its lowest to its highest.
  private func stretches(of store: FolderTileStore) throws -> [TileIndex: TileAlignment.Ruler] {
    let done = try plan.working.wanted.filter { try store.state(of: $0, in: .coarse) == .done }
    return Dictionary(
      uniqueKeysWithValues: try done.map { tile in
        let (lowest, highest) = try store.values(of: tile, in: .coarse).finiteRange
        let scale = highest > lowest ? 1 / Double(highest - lowest) : 1
        return (tile, TileAlignment.Ruler(scale: scale, shift: -scale * Double(lowest)))
      })
  }

  /// The tiles that failed by themselves, and those that were seen but cannot be put on the ruler of an overview
  /// that failed there.
  func failedTiles(
    in store: FolderTileStore, _ rulers: [TileIndex: TileAlignment.Ruler]
  ) throws -> [FailedTile] {
    let overview = try store.failures(among: plan.overview?.wanted ?? [], in: .overview)
    let unfitted = try plan.working.wanted.filter {
      try rulers[$0] == nil && store.state(of: $0, in: .coarse) == .done
    }
    return try overview + store.failures(among: plan.working.wanted, in: .coarse)
      + unfitted.map {
        FailedTile($0, in: .coarse, Failure(overview.kind, "the overview has no height there"))
      }
      + store.failures(among: plan.outputTiles.filter { rulers[$0] != nil }, in: .refined)
  }
}

import Files
import Grids
import Surfaces
import Tensors

/// The calibration of tiles, and the tiles that cannot be calibrated.
extension SceneRun {
  /// Returns the calibration of each coarse tile to the scene's common scale and offset, which the overview defines.
  ///
  /// What is measured and solved is stored, and reused by a run that resumes with the same tiles.
  func calibrations(of store: RunStore) async throws -> [TileIndex: TileAlignment.Calibration] {
    guard plan.isAligned else {
      return Dictionary(uniqueKeysWithValues: plan.working.wanted.map { ($0, .identity) })
    }
    var reference: TileMosaic?
    if let overview = plan.overview {
      let above = try await calibrations(
        of: overview, .overview, (.overviewOverlaps, .overviewScales), from: [.overview],
        reference: nil, in: store)
      reference = TileMosaic(level: overview, stage: .overview, store: store, calibrations: above)
    }
    return try await calibrations(
      of: plan.working, .coarse, (.overlaps, .scales), from: [.overview, .coarse],
      reference: reference, in: store)
  }

  /// Measures the overlaps of a level's tiles, and solves for their scales and offsets.
  private func calibrations(
    of level: ScenePlan.Level, _ stage: Stage, _ results: (overlaps: Stage, scales: Stage),
    from inputs: [Stage], reference: TileMosaic?, in store: RunStore
  ) async throws -> [TileIndex: TileAlignment.Calibration] {
    let basis = try digest(of: inputs, in: store, after: "")
    var measurement = OverlapMeasurement(
      store: store, level: level, stage: stage, reference: reference)
    measurement.measuresOnlyRanges = plan.normalization == .perTile
    try await compute(results.overlaps, on: basis, in: store) { [measurement] in
      try measurement.numbers(ofGroup: $0)
    }
    try await compute(results.scales, on: basis, in: store) { [plan] _ in
      let fits = try store.fits(of: level, in: results.overlaps)
      return TileScales.numbers(
        plan.normalization == .perTile
          ? TileScales.minMax(fits) : TileScales.solved(level.wanted, fits))
    }
    let numbers = try store.doubles(of: TileIndex(row: 0, column: 0), in: results.scales)
    return TileScales.calibrations(level.wanted, numbers: numbers)
  }

  /// Computes and stores the numbers of the unfinished tasks of a stage.
  private func compute(
    _ stage: Stage, on basis: String, in store: RunStore,
    _ numbers: @escaping @Sendable (TileIndex) throws -> [Double]
  ) async throws {
    try store.begin(stage, on: basis)
    let waiting = try plan.tasks(of: stage).filter { try store.state(of: $0, in: stage) != .done }
    try await forEachConcurrently(waiting, atOnce: resources.threads) {
      try store.commit(numbers($0), of: $0, in: stage)
    } receive: { _, _ in
    }
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

extension RunStore {
  /// The stored fits of all tiles of a level.
  func fits(of level: ScenePlan.Level, in stage: Stage) throws -> [TileFits] {
    let count = TileFits.numberCount
    let all = try plan.tasks(of: stage).flatMap { group in
      let numbers = try doubles(of: group, in: stage)
      return (0..<ScenePlan.groupSize).map {
        TileFits(numbers: numbers[$0 * count..<($0 + 1) * count])
      }
    }
    return Array(all.prefix(level.wanted.count))
  }
}

import DepthModels
import Grids

/// The refining half: each tile by itself or all side by side, and what must be done again.
extension SceneRun {
  /// Each tile by itself, or all side by side, step by step.
  func refine(
    by single: TileRefinement, _ sight: TileSight, in store: FolderTileStore,
    progress: @escaping ProgressHandler
  ) async throws {
    func run(
      _ stage: Stage, _ values: @escaping @Sendable (TileIndex, Gate) async throws -> TileHeights?
    ) async throws {
      try await ModelPass(
        store: store, stage: stage, share: resources.refined,
        keepsSpread: keepsSpreads && stage == plan.outputStage, values: values
      ).run(plan.outputTiles, progress: progress)
    }
    guard let lattice = plan.joint, let refiner = single.refiner as? any SteppedRefiner else {
      return try await run(.refined) {
        try await sight.heights(of: $0, through: $1, single.heights)
      }
    }
    let joint = JointRefinement(refiner: refiner, lattice: lattice, store: store, single: single)
    try await run(.conditions) {
      try await sight.look(at: $0, through: $1, joint.conditions).map {
        TileHeights(values: $0.values)
      }
    }
    for step in 1...lattice.steps {
      try await run(.detail(step)) { tile, gate in
        try await gate.pass { try joint.detail(of: tile, step: step) }
          .map { TileHeights(values: try numbers($0)) }
      }
    }
    try await run(.refined) { try await sight.heights(of: $0, through: $1, joint.heights) }
  }

  /// A tile that is tried again changes what others rest on: these are refined again.
  ///
  /// On one ruler every tile has a say in every other's, by whatever chain of overlaps. The note of a failure stays
  /// until its tile has ended, so a run that is cut off in between does not forget.
  func discardStale(in store: FolderTileStore) throws {
    let retried = try store.failures(among: plan.working.wanted, in: .coarse).map(\.tile)
    let above = try store.failures(among: plan.overview?.wanted ?? [], in: .overview)
    let isWholeStale = plan.normalization == .scene && !(retried.isEmpty && above.isEmpty)
    for tile in plan.outputTiles where isWholeStale || retried.contains(tile) {
      try store.discard(tile, in: plan.joint == nil ? .refined : .conditions)
    }
    try discardStaleSteps(in: store, hasChanged: isWholeStale)
  }

  /// Where tiles are refined side by side, one that is tried again at a step changes all later ones of all others.
  private func discardStaleSteps(in store: FolderTileStore, hasChanged: Bool) throws {
    guard plan.joint != nil else { return }
    var isStale = hasChanged
    for stage in plan.stages.drop(while: { $0 != .conditions }) {
      if isStale, stage != .conditions {
        for tile in plan.outputTiles { try store.discard(tile, in: stage) }
      }
      isStale = try isStale || !store.failures(among: plan.outputTiles, in: stage).isEmpty
    }
  }
}

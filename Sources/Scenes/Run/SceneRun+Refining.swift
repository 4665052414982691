import TileModels
import Files
import Grids
import Surfaces

/// The refining half of a run.
extension SceneRun {
  /// Refines each tile separately, or all tiles jointly, step by step.
  ///
  /// Tiles stored by an earlier run are reused only if that run computed them from the same inputs. A coarse tile that
  /// failed then and has heights now changes the calibration of all tiles, so all are refined again.
  func refine(
    by single: TileRefinement, _ inference: TileInference, in store: RunStore,
    progress: @escaping ProgressHandler
  ) async throws {
    var basis = try calibrationDigest(of: single.surface.calibrations, in: store)
    func run(
      _ stage: Stage,
      _ values: @escaping @Sendable (TileIndex, AsyncSemaphore) async throws -> TileHeights?
    ) async throws {
      try store.begin(stage, on: basis)
      try await ModelPass(
        store: store, stage: stage, share: resources.refined,
        keepsSpread: keepsSpreads && stage == plan.outputStage, values: values
      ).run(plan.outputTiles, progress: progress)
      basis = try digest(of: [stage], in: store, after: basis)
    }
    guard let lattice = plan.joint, let refiner = single.refiner as? any SteppedRefiner else {
      return try await run(.refined) {
        try await inference.heights(of: $0, through: $1, single.heights)
      }
    }
    let joint = JointRefinement(refiner: refiner, lattice: lattice, store: store, single: single)
    try await run(.conditions) {
      try await inference.values(of: $0, through: $1, joint.conditions).map {
        TileHeights(values: $0.values)
      }
    }
    for step in 1...lattice.steps {
      try await run(.detail(step)) { tile, gate in
        try await gate.pass { try joint.detail(of: tile, step: step) }
          .map { TileHeights(values: try numbers($0)) }
      }
    }
    try await run(.refined) { try await inference.heights(of: $0, through: $1, joint.heights) }
  }

  /// Returns a digest of the inputs of refining: the calibration of each coarse tile, and which tiles have heights.
  ///
  /// The heights themselves are not included: they are the same for the same plan.
  private func calibrationDigest(
    of calibrations: [TileIndex: TileAlignment.Calibration], in store: RunStore
  ) throws -> String {
    var hash = SHA256()
    for tile in plan.working.wanted {
      guard let calibration = calibrations[tile] else { continue }
      for number in [
        Double(tile.row), Double(tile.column), calibration.scale, calibration.shift,
        calibration.trust,
      ] {
        withUnsafeBytes(of: number.bitPattern.littleEndian) { hash.update($0.bytes) }
      }
    }
    return try digest(of: [.overview, .coarse], in: store, after: hash.hexadecimal())
  }

  /// Returns a digest of which tiles of some stages have heights, chained to the previous digest.
  func digest(
    of stages: [Stage], in store: RunStore, after before: String
  ) throws -> String {
    var hash = SHA256()
    hash.update(Array(before.utf8).span.bytes)
    for stage in stages {
      let flags: [UInt8] = try plan.tasks(of: stage).map {
        try store.state(of: $0, in: stage) == .done ? 1 : 0
      }
      hash.update(flags.span.bytes)
    }
    return hash.hexadecimal()
  }
}

import Grids

/// The calibrated surface of the coarse tiles, refined with the image: each tile alone, or after the joint steps.
struct RefinementStage: Stage {
  let name = StageName.refined
  let inputs: [StageName]
  let tasks: [TileIndex]
  let result: StageResult
  let load = StageLoad.refiningNetwork

  init(_ plan: ScenePlan, keepsSpread: Bool) {
    inputs = plan.surfaceStages + (plan.joint.map { [.conditions, .detail($0.steps)] } ?? [])
    tasks = plan.outputTiles
    result = .values(plan.working.tiles.tilePixelCount, keepsSpread: keepsSpread)
  }

  func work(in context: RunContext) throws -> StageWork {
    let single = try TileRefinement(context)
    let inference = TileInference(source: context.source(), level: context.plan.working)
    guard context.plan.joint != nil else {
      return { TaskResult(try await inference.heights(of: $0, through: $1, single.heights)) }
    }
    let joint = try JointRefinement(context)
    return { TaskResult(try await inference.heights(of: $0, through: $1, joint.heights)) }
  }
}

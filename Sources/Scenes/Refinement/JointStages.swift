import Grids

extension JointRefinement {
  /// The stages before the last one: the inputs of all steps, and each step.
  static func stages(of plan: ScenePlan, _ lattice: LatentLattice) -> [any Stage] {
    let tiles = plan.outputTiles
    let conditions = ConditionStage(
      inputs: plan.surfaceStages, tasks: tiles, result: .values(lattice.conditionCount))
    return [conditions]
      + (1...lattice.steps).map {
        DetailStage(step: $0, tasks: tiles, result: .values(lattice.detailCount))
      }
  }
}

/// The inputs of the refining steps.
struct ConditionStage: Stage {
  let name = StageName.conditions
  let inputs: [StageName]
  let tasks: [TileIndex]
  let result: StageResult
  let load = StageLoad.refiningNetwork

  func work(in context: RunContext) throws -> StageWork {
    let joint = try JointRefinement(context)
    let inference = TileInference(source: context.source(), level: context.plan.working)
    return { tile, gate in
      let found = try await inference.values(of: tile, through: gate, joint.conditions)
      return TaskResult(found.map { TileHeights(values: $0.values) })
    }
  }
}

/// The detail that a step adds to the coarse map of a tile, before it is averaged with the neighbors' detail.
struct DetailStage: Stage {
  /// The step, counted from 1.
  let step: Int
  let tasks: [TileIndex]
  let result: StageResult
  let load = StageLoad.refiningNetwork

  var name: StageName { .detail(step) }
  var inputs: [StageName] { [.conditions] + (step == 1 ? [] : [.detail(step - 1)]) }

  func work(in context: RunContext) throws -> StageWork {
    let joint = try JointRefinement(context)
    return { tile, gate in
      let detail = try await gate.pass { try joint.detail(of: tile, step: step) }
      return TaskResult(try detail.map { TileHeights(values: try numbers($0)) })
    }
  }
}

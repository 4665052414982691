import Grids

/// Which pixels of the output's strips are valid, so that merging need not read the scene again.
struct ValidityStage: Stage {
  /// The part of the scene that is written.
  let area: Window

  let name = StageName.validity
  var inputs: [StageName] { [] }
  var tasks: [TileIndex] { MergeStage.strips(of: area) }
  let result = StageResult.bytes(suffix: "runs")
  let load = StageLoad.numbers

  func work(in context: RunContext) throws -> StageWork {
    { strip, _ in
      let states = try await context.scene.validity(of: MergeStage.window(of: strip, in: area))
      guard states.contains(where: { $0 != 0 }) else { return .nothing("no valid pixel") }
      return .bytes(RunLengths(states).bytes)
    }
  }
}

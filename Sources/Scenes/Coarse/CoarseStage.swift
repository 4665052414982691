import Grids

/// Relative heights of the tiles of a level, each with its own scale and offset.
struct CoarseStage: Stage {
  let name: StageName
  let level: ScenePlan.Level
  let ensemble: SceneOptions.Ensemble?
  let keepsSpread: Bool

  /// The overview, which only calibrates the tiles: it needs no ensemble, and a damaged block must not cost one of its
  /// tiles.
  static func overview(_ level: ScenePlan.Level) -> Self {
    Self(name: .overview, level: level, ensemble: nil, keepsSpread: false)
  }

  /// The tiles of the working level.
  static func working(_ plan: ScenePlan, keepsSpread: Bool) -> Self {
    Self(name: .coarse, level: plan.working, ensemble: plan.ensemble, keepsSpread: keepsSpread)
  }

  var inputs: [StageName] { [] }
  var tasks: [TileIndex] { level.wanted }
  var result: StageResult { .values(level.tiles.tilePixelCount, keepsSpread: keepsSpread) }
  var load: StageLoad { .coarseNetwork }

  func work(in context: RunContext) throws -> StageWork {
    var source = context.source(treatsDamageAsNoData: name == .overview)
    if name == .overview, let number = context.plan.fileOverview {
      source = CalibratedScene(
        try context.scene.openFileOverview(number), source.radiometry, turn: source.turn,
        treatsDamageAsNoData: true)
    }
    let heights = CoarseHeights(
      model: context.model, ensemble: ensemble,
      inference: TileInference(source: source, level: level))
    return { TaskResult(try await heights.heights(of: $0, through: $1)) }
  }
}

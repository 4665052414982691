import DepthModels
import Grids
import Scenes

/// One share of a whole run, 0…1, that never goes back: each part weighs about what it computes.
struct OverallShare {
  /// In the order in which they are done.
  private var parts: [(name: String, weight: Double)]
  private var shown = 0.0

  /// Of a run whose plan is not known yet: measuring is a small part of it.
  init() { parts = [("measure", 0.02), ("", 0.98)] }

  /// Once the plan is known.
  ///
  /// - Parameters:
  ///   - plan: of the run, or of the largest of several.
  ///   - model: whose operations are the weights.
  ///   - runs: what stands before the names of their parts, and what each weighs; runs of an audit are compared.
  mutating func set(
    _ plan: ScenePlan, _ model: any TileModel, runs: [(name: String, weight: Double)]
  ) {
    let tiles = plan.working.tiles
    let (rows, columns) = (tiles.tileHeight, tiles.tileWidth)
    let coarse = max(model.operationCount(rows: rows, columns: columns), 1)
    let refined =
      plan.refinement.flatMap { options in
        model.refiner?.operationCount(rows: rows, columns: columns, options: options)
      } ?? 0
    let refining = plan.stages.count { ![.overview, .coarse].contains($0) }
    let stages = plan.stages.map { stage in
      let cost =
        [.overview, .coarse].contains(stage) ? coarse : max(refined, 1) / Double(max(refining, 1))
      return (name: stage.rawValue, weight: Double(plan.tiles(of: stage).count) * cost)
    }
    let inference = max(stages.reduce(0) { $0 + $1.weight }, 1)
    let last = (["merge", "write"] + (runs.count > 1 ? ["compare"] : [])).map {
      (name: $0, weight: 0.02 * inference)
    }
    parts =
      [("measure", 0.02 * inference)]
      + runs.flatMap { run in
        (stages + last).map { (run.name + $0.name, run.weight * $0.weight) }
      }
  }

  /// The share of the whole where a part has come so far.
  mutating func share(in part: String, _ share: Double) -> Double {
    guard let index = parts.firstIndex(where: { $0.name == part }) else { return shown }
    let before = parts[..<index].reduce(0) { $0 + $1.weight }
    let total = parts.reduce(0) { $0 + $1.weight }
    shown = max(shown, min(1, (before + share * parts[index].weight) / total))
    return shown
  }
}

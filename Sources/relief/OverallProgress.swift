import DepthModels
import Grids
import Scenes

/// The finished share of a whole run, 0…1, which never decreases.
///
/// Each part is weighted by its approximate number of operations.
struct OverallProgress {
  /// The parts in the order in which they run.
  private var parts: [(name: String, weight: Double)]
  /// The largest share so far.
  private var largest = 0.0

  /// Creates the share of a run whose plan is not known yet; measuring is a small part of it.
  init() { parts = [("measure", 0.02), ("", 0.98)] }

  /// Sets the parts and their weights, once the plan is known.
  ///
  /// - Parameters:
  ///   - plan: The plan of the run, or of the largest of several runs.
  ///   - model: The model, whose operation counts are the weights.
  ///   - runs: The prefix of the part names and the relative weight of each run; several runs are those of an audit,
  ///     each followed by a comparison.
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
    let refining = plan.networkStages.count { ![.overview, .coarse].contains($0) }
    let stages = plan.networkStages.map { stage in
      let cost =
        [.overview, .coarse].contains(stage) ? coarse : max(refined, 1) / Double(max(refining, 1))
      return (name: stage.rawValue, weight: Double(plan.tasks(of: stage).count) * cost)
    }
    let inference = max(stages.reduce(0) { $0 + $1.weight }, 1)
    let anchor: [StageName] = [.anchorCells, .anchorGains, .anchor]
    let anchored = plan.anchor == nil ? [] : anchor.map(\.rawValue)
    let last = (["merge"] + anchored + ["write"] + (runs.count > 1 ? ["compare"] : [])).map {
      (name: $0, weight: 0.02 * inference)
    }
    parts =
      [("measure", 0.02 * inference)]
      + runs.flatMap { run in
        (stages + last).map { (run.name + $0.name, run.weight * $0.weight) }
      }
  }

  /// The share of the whole run when a share of a part is finished.
  mutating func share(in part: String, _ share: Double) -> Double {
    guard let index = parts.firstIndex(where: { $0.name == part }) else { return largest }
    let before = parts[..<index].reduce(0) { $0 + $1.weight }
    let total = parts.reduce(0) { $0 + $1.weight }
    largest = max(largest, min(1, (before + share * parts[index].weight) / total))
    return largest
  }
}

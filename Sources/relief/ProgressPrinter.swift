import DepthModels
import Foundation
import Rasters
import Scenes
import Synchronization

/// Tells a person, or a program, how far a run is.
///
/// People read standard error: one line that moves on a terminal, a line now and then otherwise. Programs
/// read standard output: one JSON object a line with `--progress json`, else the output's path alone.
final class ProgressPrinter: Sendable {
  private let line: ProgressLine
  private let overall = Mutex(OverallShare())
  /// Warnings of the plan, which come first in the report's.
  private let warningsSaid = Atomic(0)

  init(_ style: ProgressStyle) { line = ProgressLine(style) }

  /// - Parameters:
  ///   - plan: what will be done.
  ///   - model: what does it.
  ///   - forecast: what it takes.
  ///   - reruns: of an audit, in their order.
  func start(
    _ plan: ScenePlan, _ model: any TileModel, _ forecast: Forecast,
    reruns: [InvarianceAudit.Rerun] = []
  ) {
    // The last two runs of an audit are of a quarter of the raster.
    let runs = reruns.map { (Self.prefix($0), $0 == .halfStride ? 1 : 0.25) }
    overall.withLock { $0.set(plan, model, runs: runs.isEmpty ? [("", 1)] : runs) }
    warningsSaid.store(plan.warnings.count, ordering: .relaxed)
    switch line.look {
    case .none: return
    case .json:
      ProgressLine.emit([
        "event": "plan", "tiles": forecast.tiles, "overviewTiles": forecast.overviewTiles,
        "refinedTiles": forecast.refinedTiles,
        "memory": forecast.memory, "disk": forecast.disk,
        "seconds": forecast.seconds ?? NSNull(), "warnings": plan.warnings,
      ])
    case .line, .plain:
      for line in PlanSummary(plan, forecast).lines { Console.error(line) }
    }
  }

  func update(_ progress: RunProgress) { update(progress, of: nil) }

  /// What an audit does: one of its runs, or the comparison after it.
  func update(_ progress: InvarianceAudit.Progress) {
    switch progress {
    case .running(let rerun, let progress): update(progress, of: rerun)
    case .comparing(let rerun, let share):
      show(
        ProgressStep(part: "compare", finished: share, total: 1, run: InvarianceSummary.run(rerun)),
        of: rerun)
    }
  }

  private func update(_ progress: RunProgress, of rerun: InvarianceAudit.Rerun?) {
    let run = rerun.map(InvarianceSummary.run)
    let step =
      switch progress {
      case .measuring(let share): ProgressStep(part: "measure", finished: share, total: 1, run: run)
      case .tiles(let stage, let finished, let total):
        ProgressStep(
          part: stage.rawValue, finished: Double(finished), total: Double(max(total, 1)),
          unit: "tiles", run: run)
      case .merging(let share): ProgressStep(part: "merge", finished: share, total: 1, run: run)
      case .finishing(let share): ProgressStep(part: "write", finished: share, total: 1, run: run)
      }
    show(step, of: rerun)
  }

  private func show(_ step: ProgressStep, of rerun: InvarianceAudit.Rerun?) {
    var step = step
    step.overall = overall.withLock {
      $0.share(in: (rerun.map(Self.prefix) ?? "") + step.part, step.finished / step.total)
    }
    line.update(step)
  }

  private static func prefix(_ rerun: InvarianceAudit.Rerun) -> String { rerun.rawValue + "/" }

  func finish(_ report: SceneReport) {
    switch line.look {
    case .none: break
    case .json:
      ProgressLine.emit([
        "event": "done", "output": report.output.path, "companions": report.companions,
        "wasAlreadyDone": report.wasAlreadyDone,
        "tilesDone": report.tilesDone, "tilesSkipped": report.tilesSkipped,
        "tilesFailed": report.failedTiles.map(\.description),
        "validPixels": report.validPixels, "holes": report.holes,
        "audit": report.audit.map { AuditSummary($0).object } ?? NSNull(),
        "warnings": report.warnings,
        "seconds": Dictionary(report.seconds.map { ($0.part, $0.seconds) }) { $1 },
      ])
      return
    case .line, .plain:
      if !report.wasAlreadyDone {
        Console.error(
          "\(report.tilesDone) tiles have heights, \(report.tilesSkipped) no valid pixel, "
            + "\(report.failedTiles.count) failed")
      }
      if let audit = report.audit { for line in AuditSummary(audit).lines { Console.error(line) } }
      for warning in report.warnings.dropFirst(warningsSaid.load(ordering: .relaxed)) {
        Console.error("note      \(warning)")
      }
      for companion in report.companions { Console.error("beside it: \(companion)") }
    }
    Console.output(report.output.path)
  }
}

import DepthModels
import Foundation
import Rasters
import Scenes
import Synchronization

/// Shows the progress and the result of a run.
///
/// Text goes to standard error: one line that is updated in place on a terminal, occasional lines otherwise. Standard
/// output has one JSON object per line with `--progress json`, and only the path of the output otherwise.
final class ProgressPrinter: Sendable {
  private let line: ProgressLine
  private let overall = Mutex(OverallProgress())
  /// The number of warnings already printed with the plan, which are the first ones in the report.
  private let printedWarnings = Atomic(0)

  init(_ style: ProgressStyle) { line = ProgressLine(style) }

  /// Shows the plan and its forecast.
  ///
  /// - Parameters:
  ///   - plan: The plan of the run.
  ///   - model: The model that runs.
  ///   - forecast: The resources that the run needs.
  ///   - reruns: The runs of an invariance audit, in order.
  func start(
    _ plan: ScenePlan, _ model: any TileModel, _ forecast: Forecast,
    reruns: [InvarianceAudit.Rerun] = []
  ) {
    // The last two runs of an audit cover a quarter of the raster.
    let runs = reruns.map { (Self.prefix($0), $0 == .halfStride ? 1 : 0.25) }
    overall.withLock { $0.set(plan, model, runs: runs.isEmpty ? [("", 1)] : runs) }
    printedWarnings.store(plan.warnings.count, ordering: .relaxed)
    switch line.mode {
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

  /// Shows the progress of a run.
  func update(_ progress: RunProgress) { update(progress, of: nil) }

  /// Shows the progress of an invariance audit: one of its runs, or the comparison after it.
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

  /// The prefix of part names that distinguishes the runs of an audit.
  private static func prefix(_ rerun: InvarianceAudit.Rerun) -> String { rerun.rawValue + "/" }

  /// Shows the result of a run.
  func finish(_ report: SceneReport) {
    switch line.mode {
    case .none: break
    case .json:
      ProgressLine.emit([
        "event": "done", "output": report.output.path, "companions": report.companions,
        "dem": report.dem?.path ?? NSNull(), "anchor": report.anchor?.object ?? NSNull(),
        "wasAlreadyDone": report.wasAlreadyDone,
        "tilesDone": report.tilesDone, "tilesSkipped": report.tilesSkipped,
        "tilesFailed": report.failedTiles.map(\.description),
        "validPixels": report.validPixels, "holes": report.holes,
        "audit": report.audit.map { AuditSummary($0).object } ?? NSNull(),
        "warnings": report.warnings,
        "seconds": Dictionary(report.seconds.map { ($0.part, $0.seconds) }) { $1 },
        "network": NetworkTransfer.total.map {
          [
            "requests": $0.requests, "downloadedBytes": $0.downloaded,
            "uploadedBytes": $0.uploaded,
          ]
        } ?? NSNull(),
      ])
      return
    case .line, .plain:
      if !report.wasAlreadyDone {
        Console.error(
          "\(report.tilesDone) tiles done, \(report.tilesSkipped) skipped (no valid pixels), "
            + "\(report.failedTiles.count) failed")
      }
      for line in report.anchor?.lines ?? [] { Console.error(line) }
      if let audit = report.audit { for line in AuditSummary(audit).lines { Console.error(line) } }
      for warning in report.warnings.dropFirst(printedWarnings.load(ordering: .relaxed)) {
        Console.error("note      \(warning)")
      }
      if let network = NetworkTransfer.total {
        Console.error(
          "network   \(network.requests) requests, \(Resources.text(network.downloaded)) downloaded, "
            + "\(Resources.text(network.uploaded)) uploaded")
      }
      for companion in report.companions { Console.error("also wrote: \(companion)") }
    }
    Console.output(report.output.path)
  }
}

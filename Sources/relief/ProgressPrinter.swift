import ArgumentParser
import Foundation
import Rasters
import Scenes
import Synchronization

/// How progress is shown.
enum ProgressStyle: String, ExpressibleByArgument, CaseIterable { case auto, plain, json, none }

/// Tells a person, or a program, how far a run is.
///
/// People read standard error: one line that moves on a terminal, a line now and then otherwise. Programs
/// read standard output: one JSON object a line with `--progress json`, else the output's path alone.
final class ProgressPrinter: Sendable {
  private enum Look { case line, plain, json, none }
  private let look: Look

  private struct State {
    var started = ContinuousClock().now
    var rerun: InvarianceAudit.Rerun?
    var part = ""
    /// Share that was there when the part began: a resumed run has not computed it.
    var before = 0.0
    var lastPrinted = ContinuousClock().now
    /// Warnings of the plan, which come first in the report's.
    var warningsSaid = 0
  }
  private let state = Mutex(State())

  init(_ style: ProgressStyle) {
    look =
      switch style {
      case .auto: isatty(STDERR_FILENO) == 1 ? .line : .plain
      case .plain: .plain
      case .json: .json
      case .none: .none
      }
  }

  func start(_ plan: ScenePlan, _ forecast: Forecast) {
    state.withLock { $0.warningsSaid = plan.warnings.count }
    switch look {
    case .none: return
    case .json:
      emit([
        "event": "plan", "tiles": forecast.tiles, "overviewTiles": forecast.overviewTiles,
        "refinedTiles": forecast.refinedTiles,
        "memory": forecast.memory, "disk": forecast.disk,
        "seconds": forecast.seconds ?? NSNull(), "warnings": plan.warnings,
      ])
    case .line, .plain:
      for line in PlanSummary(plan, forecast).lines { say(line) }
    }
  }

  func update(_ progress: RunProgress) { update(progress, of: nil) }

  /// What an audit does: one of its runs, or the comparison after it.
  func update(_ progress: InvarianceAudit.Progress) {
    switch progress {
    case .running(let rerun, let progress): update(progress, of: rerun)
    case .comparing(let rerun, let share): update("compare", share, of: 1, "", rerun)
    }
  }

  private func update(_ progress: RunProgress, of rerun: InvarianceAudit.Rerun?) {
    switch progress {
    case .tiles(let stage, let finished, let total):
      update(stage.rawValue, Double(finished), of: Double(max(total, 1)), "tiles", rerun)
    case .merging(let share): update("merge", share, of: 1, "", rerun)
    case .finishing(let share): update("write", share, of: 1, "", rerun)
    }
  }

  private func update(
    _ part: String, _ finished: Double, of total: Double, _ unit: String,
    _ rerun: InvarianceAudit.Rerun?
  ) {
    state.withLock { state in
      let now = ContinuousClock().now
      let isNew = state.part != part || state.rerun != rerun
      if isNew {
        (state.rerun, state.part, state.started, state.before) = (rerun, part, now, finished)
      }
      let isLast = finished >= total
      // A terminal can take ten lines a second; a log file wants one in ten seconds.
      let pause: Duration = look == .plain ? .seconds(10) : .milliseconds(100)
      guard isNew || isLast || now - state.lastPrinted >= pause else { return }
      state.lastPrinted = now
      show(
        Step(
          rerun: rerun, part: part, finished: finished, total: total, unit: unit,
          done: finished - state.before, seconds: (now - state.started) / .seconds(1)))
    }
  }

  /// How far one part of the run is.
  private struct Step {
    /// Of which run of an audit.
    let rerun: InvarianceAudit.Rerun?
    let part: String
    let finished: Double
    let total: Double
    let unit: String
    /// What this run has done of the part, and in which time; a resumed run has found the rest.
    let done: Double
    let seconds: Double

    var rate: Double? { done > 0 && seconds > 0 ? done / seconds : nil }
    var secondsLeft: Double? { rate.map { (total - finished) / $0 } }
    var share: Double { finished / total }
  }

  private func show(_ step: Step) {
    switch look {
    case .none: return
    case .line: Console.error("\r\u{1B}[K\(text(step))", terminator: step.share >= 1 ? "\n" : "")
    case .plain: say(text(step))
    case .json:
      var event: [String: Any] = [
        "event": "progress", "part": step.part, "share": step.share,
        "rate": step.rate ?? NSNull(), "secondsLeft": step.secondsLeft ?? NSNull(),
      ]
      if let rerun = step.rerun { event["run"] = rerun.rawValue }
      emit(event)
    }
  }

  private func text(_ step: Step) -> String {
    var words = step.rerun.map { [InvarianceSummary.name(of: $0)] } ?? []
    words += [
      step.part.padding(toLength: 10, withPad: " ", startingAt: 0),
      String(format: "%3.0f %%", step.share * 100),
    ]
    if !step.unit.isEmpty {
      words.append("\(Int(step.finished)) of \(Int(step.total)) \(step.unit)")
      if let rate = step.rate { words.append(String(format: "%.2f a second", rate)) }
    }
    if step.share >= 1 {
      words.append("in \(Self.time(step.seconds))")
    } else if let left = step.secondsLeft {
      words.append("about \(Self.time(left)) left")
    }
    return words.joined(separator: "  ")
  }

  func finish(_ report: SceneReport) {
    switch look {
    case .none: break
    case .json:
      emit([
        "event": "done", "output": report.output.path, "companions": report.companions,
        "tilesDone": report.tilesDone, "tilesSkipped": report.tilesSkipped,
        "tilesFailed": report.failedTiles.map(\.description),
        "validPixels": report.validPixels, "holes": report.holes,
        "audit": report.audit.map { AuditSummary($0).object } ?? NSNull(),
        "warnings": report.warnings,
        "seconds": Dictionary(report.seconds.map { ($0.part, $0.seconds) }) { $1 },
      ])
      return
    case .line, .plain:
      say(
        "\(report.tilesDone) tiles have heights, \(report.tilesSkipped) no valid pixel, "
          + "\(report.failedTiles.count) failed")
      if let audit = report.audit { for line in AuditSummary(audit).lines { say(line) } }
      for warning in report.warnings.dropFirst(state.withLock(\.warningsSaid)) {
        say("note      \(warning)")
      }
      for companion in report.companions { say("beside it: \(companion)") }
    }
    Console.output(report.output.path)
  }

  private static func time(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded())
    return switch whole {
    case ..<60: String(format: "%.1f s", seconds)
    case ..<3600: "\(whole / 60) min \(whole % 60) s"
    default: "\(whole / 3600) h \(whole % 3600 / 60) min"
    }
  }

  private func say(_ text: String) { Console.error(text) }

  private func emit(_ object: [String: Any]) {
    do {
      let data = try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys])
      Console.output(String(decoding: data, as: UTF8.self))
    } catch {
      preconditionFailure("events are made of JSON types: \(error)")
    }
  }
}

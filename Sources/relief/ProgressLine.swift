import ArgumentParser
import Foundation
import Synchronization

/// How progress is shown.
enum ProgressStyle: String, ExpressibleByArgument, CaseIterable { case auto, plain, json, none }

/// How far one part of a work is.
struct ProgressStep {
  let part: String
  let finished: Double
  let total: Double
  /// What is counted; empty for a share.
  var unit = ""
  /// Of several runs, which one: for programs, and for people.
  var run: (key: String, name: String)?
  /// The share of the whole, 0…1; nil where it is not known.
  var overall: Double?
  /// What else is known: for people as `name value`, for programs under the name.
  var figures: [(name: String, value: Double)] = []
}

/// One line that moves on a terminal, a line now and then in a log, or an object of JSON for each step.
final class ProgressLine: Sendable {
  enum Look { case line, plain, json, none }
  let look: Look

  private struct State {
    var started = ContinuousClock().now
    var run: String?
    var part = ""
    /// What was there when the part began: a resumed run has not computed it.
    var before = 0.0
    var lastPrinted = ContinuousClock().now
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

  /// Shows a step, unless one was shown a moment ago.
  func update(_ step: ProgressStep) {
    state.withLock { state in
      let now = ContinuousClock().now
      let isNew = state.part != step.part || state.run != step.run?.key
      if isNew {
        (state.run, state.part, state.started, state.before) = (
          step.run?.key, step.part, now, step.finished
        )
      }
      let isLast = step.finished >= step.total
      // A terminal can take ten lines a second; a log file wants one in ten seconds.
      let pause: Duration = look == .plain ? .seconds(10) : .milliseconds(100)
      guard isNew || isLast || now - state.lastPrinted >= pause else { return }
      state.lastPrinted = now
      show(
        step,
        Pace(
          done: step.finished - state.before, left: step.total - step.finished,
          seconds: (now - state.started) / .seconds(1)))
    }
  }

  /// What this run has done of a part, and in which time; a resumed run has found the rest.
  private struct Pace {
    let done: Double
    let left: Double
    let seconds: Double

    var rate: Double? { done > 0 && seconds > 0 ? done / seconds : nil }
    var secondsLeft: Double? { rate.map { left / $0 } }
  }

  private func show(_ step: ProgressStep, _ pace: Pace) {
    switch look {
    case .none: return
    case .line:
      Console.show(
        movingLine: TerminalLine.clipped(text(step, pace), to: TerminalLine.width),
        isLast: step.finished >= step.total)
    case .plain: Console.error(text(step, pace))
    case .json:
      var event: [String: Any] = [
        "event": "progress", "part": step.part, "share": step.finished / step.total,
        "rate": pace.rate ?? NSNull(), "secondsLeft": pace.secondsLeft ?? NSNull(),
      ]
      if let run = step.run { event["run"] = run.key }
      if let overall = step.overall { event["overall"] = overall }
      for figure in step.figures where figure.value.isFinite { event[figure.name] = figure.value }
      Self.emit(event)
    }
  }

  private func text(_ step: ProgressStep, _ pace: Pace) -> String {
    var words = step.run.map { [$0.name] } ?? []
    words += [
      step.part.padding(toLength: max(10, step.part.count), withPad: " ", startingAt: 0),
      String(format: "%3.0f %%", step.finished / step.total * 100),
    ]
    if !step.unit.isEmpty {
      words.append("\(Int(step.finished)) of \(Int(step.total)) \(step.unit)")
      if let rate = pace.rate { words.append(String(format: "%.2f a second", rate)) }
    }
    words += step.figures.map { "\($0.name) " + String(format: "%.4g", $0.value) }
    if step.finished >= step.total {
      words.append("in \(Self.time(pace.seconds))")
    } else if let left = pace.secondsLeft {
      words.append("about \(Self.time(left)) left")
    }
    return words.joined(separator: "  ")
  }

  private static func time(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded())
    return switch whole {
    case ..<60: String(format: "%.1f s", seconds)
    case ..<3600: "\(whole / 60) min \(whole % 60) s"
    default: "\(whole / 3600) h \(whole % 3600 / 60) min"
    }
  }

  /// Writes an object of JSON for programs, on a line of its own.
  static func emit(_ object: [String: Any]) {
    do {
      let data = try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys])
      Console.output(String(decoding: data, as: UTF8.self))
    } catch {
      preconditionFailure("events are made of JSON types: \(error)")
    }
  }
}

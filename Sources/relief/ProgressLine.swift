import ArgumentParser
import Foundation
import Synchronization

/// How progress is shown: chosen automatically, as plain lines, as JSON events, or not at all.
enum ProgressStyle: String, ExpressibleByArgument, CaseIterable { case auto, plain, json, none }

/// The progress of one part of a run.
struct ProgressStep {
  /// The name of the part.
  let part: String
  /// The finished amount, 0…`total`.
  let finished: Double
  let total: Double
  /// The unit of the counts; empty if the amounts are shares.
  var unit = ""
  /// One of several runs: its key in events and its display name; nil if there is only one run.
  var run: (key: String, name: String)?
  /// The finished share of the whole run, 0…1; nil if unknown.
  var overall: Double?
  /// Additional values: shown as `name value` in text, and stored under the name in events.
  var figures: [(name: String, value: Double)] = []
}

/// Shows progress as a line that is updated in place on a terminal, as occasional lines in a log, or as JSON events.
final class ProgressLine: Sendable {
  /// The output format: a line updated in place, separate lines, JSON events, or nothing.
  enum Mode { case line, plain, json, none }
  let mode: Mode

  private struct State {
    var started = ContinuousClock().now
    var run: String?
    var part = ""
    /// The amount that was finished when the part began, which a resumed run has not computed.
    var initial = 0.0
    var lastPrinted = ContinuousClock().now
  }
  private let state = Mutex(State())

  init(_ style: ProgressStyle) {
    mode =
      switch style {
      case .auto: isatty(STDERR_FILENO) == 1 ? .line : .plain
      case .plain: .plain
      case .json: .json
      case .none: .none
      }
  }

  /// Shows a step, unless another one was shown a moment ago.
  ///
  /// The first and the last step of a part are always shown.
  func update(_ step: ProgressStep) {
    state.withLock { state in
      let now = ContinuousClock().now
      let isNew = state.part != step.part || state.run != step.run?.key
      if isNew {
        (state.run, state.part, state.started, state.initial) = (
          step.run?.key, step.part, now, step.finished
        )
      }
      let isLast = step.finished >= step.total
      // At most ten updates per second on a terminal or for programs, one line per ten seconds in a log.
      let pause: Duration = mode == .plain ? .seconds(10) : .milliseconds(100)
      guard isNew || isLast || now - state.lastPrinted >= pause else { return }
      state.lastPrinted = now
      show(
        step,
        Throughput(
          done: step.finished - state.initial, left: step.total - step.finished,
          seconds: (now - state.started) / .seconds(1)))
    }
  }

  /// The work that this run has done in a part, without what a resumed run has found, and the time it took.
  private struct Throughput {
    let done: Double
    let left: Double
    let seconds: Double

    /// The finished amount per second; nil if unknown.
    var rate: Double? { done > 0 && seconds > 0 ? done / seconds : nil }
    /// The estimated remaining time; nil if unknown.
    var secondsLeft: Double? { rate.map { left / $0 } }
  }

  private func show(_ step: ProgressStep, _ throughput: Throughput) {
    switch mode {
    case .none: return
    case .line:
      Console.show(
        progressLine: TerminalLine.clipped(text(step, throughput), to: TerminalLine.width),
        isLast: step.finished >= step.total)
    case .plain: Console.error(text(step, throughput))
    case .json:
      var event: [String: Any] = [
        "event": "progress", "part": step.part, "share": step.finished / step.total,
        "rate": throughput.rate ?? NSNull(),
        "secondsLeft": throughput.secondsLeft ?? NSNull(),
      ]
      if let run = step.run { event["run"] = run.key }
      if let overall = step.overall { event["overall"] = overall }
      for figure in step.figures where figure.value.isFinite { event[figure.name] = figure.value }
      Self.emit(event)
    }
  }

  /// A step as a line of text.
  private func text(_ step: ProgressStep, _ throughput: Throughput) -> String {
    var words = step.run.map { [$0.name] } ?? []
    words += [
      step.part.padding(toLength: max(10, step.part.count), withPad: " ", startingAt: 0),
      String(format: "%3.0f %%", step.finished / step.total * 100),
    ]
    if !step.unit.isEmpty {
      words.append("\(Int(step.finished)) of \(Int(step.total)) \(step.unit)")
      if let rate = throughput.rate { words.append(String(format: "%.2f per second", rate)) }
    }
    words += step.figures.map { "\($0.name) " + String(format: "%.4g", $0.value) }
    if step.finished >= step.total {
      words.append("in \(Self.time(throughput.seconds))")
    } else if let left = throughput.secondsLeft {
      words.append("about \(Self.time(left)) left")
    }
    return words.joined(separator: "  ")
  }

  /// A duration in words.
  private static func time(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded())
    return switch whole {
    case ..<60: String(format: "%.1f s", seconds)
    case ..<3600: "\(whole / 60) min \(whole % 60) s"
    default: "\(whole / 3600) h \(whole % 3600 / 60) min"
    }
  }

  /// Writes a JSON object as one line to standard output.
  static func emit(_ object: [String: Any]) {
    do {
      let data = try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys])
      Console.output(String(decoding: data, as: UTF8.self))
    } catch {
      preconditionFailure("events contain only JSON types: \(error)")
    }
  }
}

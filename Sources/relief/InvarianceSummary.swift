import Foundation
import Grids
import Scenes

/// The results of an invariance audit, as text lines and as JSON.
struct InvarianceSummary {
  private let report: InvarianceReport

  init(_ report: InvarianceReport) { self.report = report }

  /// The display name of a run, padded to the length of the longest.
  static func name(of rerun: InvarianceAudit.Rerun) -> String {
    let name =
      switch rerun {
      case .halfStride: "half a stride"
      case .part: "part"
      case .threads: "threads"
      }
    return name.padding(toLength: 13, withPad: " ", startingAt: 0)
  }

  /// The key and display name of a run, for progress.
  static func run(_ rerun: InvarianceAudit.Rerun) -> (key: String, name: String) {
    (rerun.rawValue, name(of: rerun))
  }

  /// One line per run, and warnings.
  var lines: [String] {
    let head = { (rerun: InvarianceAudit.Rerun) in "invariance  \(Self.name(of: rerun))  " }
    var lines = [
      head(.halfStride)
        + (report.halfStride.map(text) ?? "nothing to compare: the scene has only one tile"),
      head(.part) + (report.part.map(text) ?? "nothing to compare: the middle half has no heights"),
    ]
    if let threads = report.threads { lines.append(head(.threads) + text(threads)) }
    let failed = report.failedTiles
    if !failed.isEmpty {
      lines.append(
        "invariance  \(failed.count) tiles of these runs failed; only pixels with heights in both are compared"
      )
      lines += failed.texts.map { "invariance    \($0)" }
    }
    return lines + report.warnings.map { "note        \($0)" }
  }

  private func text(_ change: InvarianceReport.Change) -> String {
    let heights = change.heights
    guard let median = heights.median, let most = heights.percentile95,
      let medianPercent = report.percent(median), let mostPercent = report.percent(most)
    else { return "nothing to compare: no pixel has a height in both runs" }
    let width = report.range.upperBound - report.range.lowerBound
    return String(
      format: "median |Δ| %.3g %%, 95th percentile %.3g %% of P5–P95 (%.3g and %.3g of %.4g); ",
      medianPercent, mostPercent, median, most, width)
      + "\(heights.comparedPixels) pixels compared, \(heights.unmatchedPixels) with a height in only one run"
  }

  private func text(_ threads: InvarianceReport.Threads) -> String {
    let numbers = "\(threads.first) and \(threads.second)"
    guard let bits = threads.bits else {
      return "\(numbers): nothing to compare, because different tiles failed"
    }
    return numbers + ": "
      + (bits.differentPixels == 0
        ? "bit-identical in \(bits.comparedPixels) pixels"
        : "\(bits.differentPixels) of \(bits.comparedPixels) pixels differ")
  }

  /// Messages for failed checks: heights that depend on the number of threads, or a median change above the limit.
  ///
  /// The limit is in percent of the P5–P95 range; nil means no limit. The result is empty if all checks passed.
  func failedChecks(aboveChange limit: Double?) -> [String] {
    var messages: [String] = []
    if let threads = report.threads, !report.isBitIdentical {
      messages.append(
        "heights depend on the number of threads: \(text(threads)), expected none; the runs are kept"
      )
    }
    guard let limit else { return messages }
    let changes = [(InvarianceAudit.Rerun.halfStride, report.halfStride), (.part, report.part)]
    for (rerun, change) in changes {
      guard let percent = report.percent(change?.heights.median), percent > limit else { continue }
      let name = Self.name(of: rerun).trimmingCharacters(in: .whitespaces)
      messages.append(
        "the median change of the run “\(name)” is \(String(format: "%.3g", percent)) %, "
          + "expected at most \(limit) % of P5–P95")
    }
    return messages
  }

  /// The report as a JSON object; a run with nothing to compare is null or has no pixel counts.
  var object: [String: Any] {
    [
      "p5": report.range.lowerBound, "p95": report.range.upperBound,
      "halfStride": report.halfStride.map(object) ?? NSNull(),
      "part": report.part.map(object) ?? NSNull(),
      "threads": report.threads.map(object) ?? NSNull(),
      "warnings": report.warnings,
    ]
  }

  private func object(_ threads: InvarianceReport.Threads) -> [String: Any] {
    let bits: (BitComparison) -> [String: Any] = {
      ["pixels": $0.comparedPixels, "differentPixels": $0.differentPixels]
    }
    let common: [String: Any] = [
      "numbers": [threads.first, threads.second],
      "failedTiles": threads.failedTiles.map(\.description),
    ]
    return common.merging(threads.bits.map(bits) ?? [:]) { $1 }
  }

  private func object(_ change: InvarianceReport.Change) -> [String: Any] {
    let heights = change.heights
    return [
      "window": change.area.description, "pixels": heights.comparedPixels,
      "unmatchedPixels": heights.unmatchedPixels,
      "median": AuditSummary.number(heights.median),
      "p95": AuditSummary.number(heights.percentile95),
      "medianPercent": AuditSummary.number(report.percent(heights.median)),
      "p95Percent": AuditSummary.number(report.percent(heights.percentile95)),
      "failedTiles": change.failedTiles.map(\.description),
    ]
  }
}

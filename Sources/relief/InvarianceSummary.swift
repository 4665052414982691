import Foundation
import Grids
import Scenes

/// What runs of the scene once more have shown, as a person reads it, and as a program does.
struct InvarianceSummary {
  private let report: InvarianceReport

  init(_ report: InvarianceReport) { self.report = report }

  /// What people call a run of an audit, as wide as the longest.
  static func name(of rerun: InvarianceAudit.Rerun) -> String {
    let name =
      switch rerun {
      case .halfStride: "half a stride"
      case .part: "part"
      case .threads: "threads"
      }
    return name.padding(toLength: 13, withPad: " ", startingAt: 0)
  }

  /// A run of an audit as progress calls it.
  static func run(_ rerun: InvarianceAudit.Rerun) -> (key: String, name: String) {
    (rerun.rawValue, name(of: rerun))
  }

  /// One line for each run, and what the user should know.
  var lines: [String] {
    let head = { (rerun: InvarianceAudit.Rerun) in "invariance  \(Self.name(of: rerun))  " }
    var lines = [
      head(.halfStride)
        + (report.halfStride.map(text) ?? "nothing to compare: the scene is one tile"),
      head(.part) + (report.part.map(text) ?? "nothing to compare: the middle has no height"),
    ]
    if let threads = report.threads { lines.append(head(.threads) + text(threads)) }
    let failed = report.failedTiles
    if !failed.isEmpty {
      lines.append(
        "invariance  \(failed.count) tiles of these runs failed; pixels with heights in both are compared"
      )
      lines += failed.texts.map { "invariance    \($0)" }
    }
    return lines + report.warnings.map { "note        \($0)" }
  }

  private func text(_ change: InvarianceReport.Change) -> String {
    let heights = change.heights
    guard let median = heights.median, let most = heights.percentile95,
      let medianPercent = report.percent(median), let mostPercent = report.percent(most)
    else { return "nothing to compare: no pixel has a height in both" }
    let width = report.range.upperBound - report.range.lowerBound
    return String(
      format: "median |Δ| %.3g %%, 95th percentile %.3g %% of P5–P95 (%.3g and %.3g of %.4g); ",
      medianPercent, mostPercent, median, most, width)
      + "\(heights.comparedPixels) pixels, \(heights.unmatchedPixels) in only one"
  }

  private func text(_ threads: InvarianceReport.Threads) -> String {
    let numbers = "\(threads.first) and \(threads.second)"
    guard let bits = threads.bits else {
      return "\(numbers): nothing to compare, as not the same tiles failed"
    }
    return numbers + ": "
      + (bits.differentPixels == 0
        ? "the same bits in \(bits.comparedPixels) pixels"
        : "\(bits.differentPixels) of \(bits.comparedPixels) pixels differ")
  }

  /// Why the heights are not what was promised or asked for; empty where they are.
  ///
  /// Median changes are held against the limit, in percent of the range; nil for none.
  func complaints(aboveChange limit: Double?) -> [String] {
    var complaints: [String] = []
    if let threads = report.threads, !report.keepsBits {
      complaints.append(
        "threads make a difference: \(text(threads)), expected none; the runs are kept")
    }
    guard let limit else { return complaints }
    let changes = [(InvarianceAudit.Rerun.halfStride, report.halfStride), (.part, report.part)]
    for (rerun, change) in changes {
      guard let percent = report.percent(change?.heights.median), percent > limit else { continue }
      let name = Self.name(of: rerun).trimmingCharacters(in: .whitespaces)
      complaints.append(
        "the median change of the run “\(name)” is \(String(format: "%.3g", percent)) %, "
          + "expected at most \(limit) % of P5–P95")
    }
    return complaints
  }

  /// One JSON object; what there was nothing to compare for is null, or without its pixels.
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

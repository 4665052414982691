import Foundation
import Grids
import Scenes
import Surfaces

/// The results of a seam audit, as text lines and as JSON.
struct AuditSummary {
  private let audit: SeamAudit

  init(_ audit: SeamAudit) { self.audit = audit }

  /// One line for each of the five ratios, and the recommendation.
  var lines: [String] {
    let statistics = audit.statistics
    let count = audit.lines.columns.lines.count + audit.lines.rows.lines.count
    guard count > 0 else {
      return ["seams     no lines: there are no tile edges inside the raster"]
    }
    var notes: [String] = []
    for steps in [statistics.height, statistics.slope] {
      guard let on = steps.on, let off = steps.off else {
        notes.append("nothing to compare")
        continue
      }
      notes.append(String(format: "%.4g across %d lines, %.4g near them", on, count, off))
    }
    let peaks = [("columns", statistics.columnPeaks), ("rows", statistics.rowPeaks)]
    notes.append(
      peaks.map { axis, peaks in
        guard let peaks else { return "\(axis): too few tiles, or no relief" }
        return "\(axis): " + peaks.map { String(format: "%.2f", $0) }.joined(separator: " ")
      }.joined(separator: ", "))
    notes.append("variance of detail relative to that next to them")
    let broad = statistics.broad
    notes.append(
      broad.on.flatMap { on in
        broad.off.map { String(format: "rises of %.4g across overlaps, %.4g next to them", on, $0) }
      } ?? "nothing to compare")
    let figures = zip(audit.figures, notes).map { figure, note in
      "seams     " + figure.name.padding(toLength: 19, withPad: " ", startingAt: 0)
        + (figure.ratio.map { String(format: "%6.2f", $0) } ?? "  none")
        + (figure.error.map { String(format: " ± %.2f", $0) } ?? "       ") + "   " + note
    }
    return figures + ["seams     \(advice)"]
  }

  /// The recommendation in words.
  private var advice: String {
    let overlap = audit.lines.tiles.overlap
    return switch audit.advice {
    case .noLines: "there are no heights along the tile edges"
    case .enough:
      "no visible seams: an overlap of \(overlap) pixels is enough (terrain without seams has ratios of about 1)"
    case .tryOverlap(let wanted):
      "visible seams: try --overlap \(wanted) instead of \(overlap)"
    case .maximumOverlap: "visible seams, and the overlap is already half a tile"
    case .inconsistentCalibration:
      "tiles differ in calibration, which a larger overlap does not fix"
    }
  }

  /// The audit as a JSON object.
  ///
  /// A ratio is null if there is nothing to compare, and "Infinity" if there are steps only at the tile edges.
  var object: [String: Any] {
    let statistics = audit.statistics
    func steps(_ steps: StepContrast, _ error: Double?) -> [String: Any] {
      [
        "on": Self.number(steps.on), "off": Self.number(steps.off),
        "ratio": Self.number(steps.ratio),
        "standardError": Self.number(error),
      ]
    }
    var advice: [String: Any]
    switch audit.advice {
    case .noLines: advice = ["verdict": "no lines"]
    case .enough: advice = ["verdict": "enough"]
    case .tryOverlap(let overlap): advice = ["verdict": "try", "tryOverlap": overlap]
    case .maximumOverlap: advice = ["verdict": "already half"]
    case .inconsistentCalibration: advice = ["verdict": "different calibrations"]
    }
    advice["overlap"] = audit.lines.tiles.overlap
    return [
      "raster": audit.path,
      "lines": [
        "columns": audit.lines.columns.lines.count, "rows": audit.lines.rows.lines.count,
      ],
      "heightSteps": steps(statistics.height, statistics.heightError),
      "slopeSteps": steps(statistics.slope, statistics.slopeError),
      "spectralPeak": [
        "ratio": Self.number(statistics.peak),
        "columns": statistics.columnPeaks?.map { Self.number($0) } ?? NSNull(),
        "rows": statistics.rowPeaks?.map { Self.number($0) } ?? NSNull(),
      ],
      "detailInOverlaps": [
        "ratio": Self.number(statistics.detail),
        "relativeError": Self.number(statistics.detailError),
      ],
      "broadSteps": steps(statistics.broad, statistics.broadError),
      "overlap": advice,
    ]
  }

  /// A number for JSON: null for nil, "Infinity" for a number that is not finite.
  static func number(_ value: Double?) -> Any {
    guard let value else { return NSNull() }
    return value.isFinite ? value : "Infinity"
  }
}

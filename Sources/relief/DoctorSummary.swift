import Foundation
import PairChecks
import Pairs
import Reports

/// The findings of a pair check, as text lines, CSV and JSON.
struct DoctorSummary {
  private let report: DoctorReport

  init(_ report: DoctorReport) { self.report = report }

  /// A table of the pairs, followed by the findings and their counts.
  var lines: [String] {
    let rows =
      [["pair", "pixels", "shift right", "shift down", "±", "corr.", "sun", "findings"]]
      + report.pairs.map(Self.row)
    let widths = rows[0].indices.map { column in
      rows.map { $0[column].count }.max() ?? 0
    }
    let table = rows.map { row in
      zip(row, widths).enumerated().map { column, cell in
        let blank = String(repeating: " ", count: cell.1 - cell.0.count)
        // Text is aligned left, numbers are aligned right.
        return column == 0 || column == row.count - 1 ? cell.0 + blank : blank + cell.0
      }.joined(separator: "  ").trimmingSuffix(" ")
    }
    let details = grouped.map { finding, names in
      let shown = names.prefix(3).joined(separator: ", ") + (names.count > 3 ? ", …" : "")
      let subject = names.count > 1 ? "\(names.count) pairs (\(shown))" : shown
      return "\(finding.severity.rawValue): \(subject): \(finding.message)"
    }
    let whole = report.findings.map { "\($0.severity.rawValue): \($0.message)" }
    func counted(_ count: Int, _ name: String) -> String {
      "\(count) \(name)" + (count == 1 ? "" : "s")
    }
    let counts =
      counted(report.pairs.count, "pair") + ": " + counted(report.count(.error), "error") + ", "
      + counted(report.count(.warning), "warning") + ", " + counted(report.count(.note), "note")
    return table + (details + whole).map { $0.replacingOccurrences(of: "\n", with: "\n  ") }
      + [counts]
  }

  /// The distinct warnings and errors, with the names of their pairs.
  private var grouped: [(PairFinding, [String])] {
    var order: [PairFinding] = []
    var names: [PairFinding: [String]] = [:]
    for pair in report.pairs {
      for finding in pair.findings where finding.severity > .note {
        if names[finding] == nil { order.append(finding) }
        names[finding, default: []].append(pair.pair.name)
      }
    }
    return order.map { ($0, names[$0] ?? []) }
  }

  /// The table row of a pair.
  private static func row(_ report: PairReport) -> [String] {
    let shift = report.shift
    let known = shift.flatMap { $0.doubt == nil ? $0 : nil }
    func text(_ format: String, _ value: Double?) -> String {
      value.map { String(format: format, $0) } ?? (shift == nil ? "-" : "?")
    }
    return [
      report.pair.name, report.width.map { "\($0) × \(report.height ?? 0)" } ?? "-",
      text("%+.2f", known?.columns), text("%+.2f", known?.rows),
      known.map { String($0.margin.dropFirst(3)) } ?? "",
      shift.map { String(format: "%.2f", $0.correlation) } ?? "-",
      report.sunAzimuth.map { String(format: "%.0f°", $0) } ?? "",
      report.findings.map(\.code.rawValue).joined(separator: ", "),
    ]
  }

  /// A CSV table with one line per pair; uncertain shifts are included, with the reason in the column `doubt`.
  var csv: String {
    let header = [
      "name", "columns", "rows", "column_low", "column_high", "row_low", "row_high", "correlation",
      "azimuth", "doubt", "errors", "warnings", "notes",
    ]
    let rows = report.pairs.map { report -> [String] in
      let shift = report.shift
      func text(_ value: Double?) -> String { value.map { String(format: "%.4f", $0) } ?? "-" }
      func codes(_ severity: PairFinding.Severity) -> String {
        let codes = report.findings.filter { $0.severity == severity }.map(\.code.rawValue)
        return codes.isEmpty ? "-" : codes.joined(separator: ";")
      }
      return [
        report.pair.name, text(shift?.columns), text(shift?.rows),
        text(shift?.columnRange?.lowerBound), text(shift?.columnRange?.upperBound),
        text(shift?.rowRange?.lowerBound), text(shift?.rowRange?.upperBound),
        text(shift?.correlation), text(report.sunAzimuth), shift?.doubt?.rawValue ?? "-",
        codes(.error), codes(.warning), codes(.note),
      ]
    }
    return TextTable.csv(header: header, rows: rows)
  }

  /// The report as a JSON object.
  var object: [String: Any] {
    [
      "errors": report.count(.error), "warnings": report.count(.warning),
      "notes": report.count(.note), "findings": report.findings.map(Self.object),
      "pairs": report.pairs.map(Self.object),
    ]
  }

  private static func object(_ finding: PairFinding) -> [String: Any] {
    [
      "severity": finding.severity.rawValue, "code": finding.code.rawValue,
      "message": finding.message,
    ]
  }

  private static func object(_ report: PairReport) -> [String: Any] {
    func number(_ value: Double?) -> Any { AuditSummary.number(value) }
    func range(_ range: ClosedRange<Double>?) -> Any {
      range.map { [$0.lowerBound, $0.upperBound] } ?? NSNull()
    }
    var object: [String: Any] = [
      "name": report.pair.name, "image": report.pair.image, "dem": report.pair.dem,
      "split": report.pair.split?.rawValue ?? NSNull(), "imageGSD": number(report.imageGSD),
      "demGSD": number(report.demGSD), "standingShare": number(report.standing),
      "findings": report.findings.map(Self.object), "shift": NSNull(),
      "sunAzimuth": number(report.sunAzimuth),
    ]
    if let shift = report.shift {
      object["shift"] = [
        "isKnown": shift.doubt == nil, "doubt": shift.doubt?.rawValue ?? NSNull(),
        "columns": shift.columns, "rows": shift.rows, "columnRange": range(shift.columnRange),
        "rowRange": range(shift.rowRange), "correlation": shift.correlation,
        "azimuth": shift.azimuthInDegrees,
      ]
    }
    return object
  }
}

extension String {
  fileprivate func trimmingSuffix(_ character: Character) -> String {
    var text = self[...]
    while text.last == character { text = text.dropLast() }
    return String(text)
  }
}

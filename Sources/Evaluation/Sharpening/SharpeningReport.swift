import Foundation
import Reports

/// The trials of all sites as tables.
public struct SharpeningReport: Sendable, Encodable {
  /// The trials, site by site.
  public let trials: [SharpeningTrial]

  /// Creates a report.
  public init(_ trials: [SharpeningTrial]) { self.trials = trials }

  private static let names = ["network", "shading", "both"]

  /// The report as text: the change of the RMSE of heights and of slopes, in percent of those of the enlarged cells.
  public var text: String {
    var lines = [
      "change of the RMSE of heights / slopes against the enlarged cells, in % [95 % interval by blocks]"
    ]
    let title = ["site", "cells"] + Self.names + ["worse blocks"]
    var rows: [[String]] = []
    for trial in trials {
      rows.append(
        [trial.site, "\(trial.columns) × \(trial.rows) of \(trial.cell)"]
          + trial.candidates.map(Self.text)
          + [trial.candidates.last.map { $0.worseBlocks.text(decimals: 0, times: 100) } ?? ""])
    }
    for cell in cells {
      let means = Self.names.map { name -> String in
        let found = changes(of: name, cell)
        guard !found.isEmpty else { return "" }
        let mean = found.reduce(0, +) / Double(found.count)
        return Self.percent(mean) + " (worst \(Self.percent(found.max() ?? 0)))"
      }
      rows.append(["mean", "of \(cell)"] + means + [""])
    }
    let widths = title.indices.map { column in
      ([title] + rows).map { $0[column].count }.max() ?? 0
    }
    for row in [title] + rows {
      let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
      lines.append(cells.joined(separator: "  "))
    }
    return lines.joined(separator: "\n")
  }

  /// The sizes of the cells, largest first.
  private var cells: [Int] { Set(trials.map(\.cell)).sorted(by: >) }

  /// The changes of the RMSE of a candidate at all sites, as ratios less 1.
  private func changes(of name: String, _ cell: Int) -> [Double] {
    trials.filter { $0.cell == cell }.flatMap(\.candidates).filter { $0.name == name }
      .map { $0.rmse.value - 1 }
  }

  private static func text(_ candidate: SharpeningTrial.Candidate) -> String {
    guard candidate.isSharpened else { return "0, not sharpened" }
    let range = candidate.rmse.interval.map {
      " [\(percent($0.lowerBound - 1)), \(percent($0.upperBound - 1))]"
    }
    return percent(candidate.rmse.value - 1) + " / " + percent(candidate.slope.value - 1)
      + (range ?? "")
  }

  private static func percent(_ change: Double) -> String {
    (change >= 0 ? "+" : "") + change.text(decimals: 1, times: 100)
  }

  /// The report as CSV: a line for each site, size of cells, and candidate.
  public var csv: String {
    let header = [
      "site", "cell", "columns", "rows", "candidate", "sharpened", "rmse_ratio", "rmse_ratio_low",
      "rmse_ratio_high", "slope_ratio", "slope_ratio_low", "slope_ratio_high", "worse_blocks",
      "survey",
    ]
    let rows = trials.flatMap { trial in
      trial.candidates.map { candidate in
        let numbers = [candidate.rmse, candidate.slope].flatMap {
          [$0.value, $0.interval?.lowerBound, $0.interval?.upperBound].map {
            $0.map { "\($0)" } ?? ""
          }
        }
        return [
          trial.site, "\(trial.cell)", "\(trial.columns)", "\(trial.rows)", candidate.name,
          "\(candidate.isSharpened)",
        ] + numbers + ["\(candidate.worseBlocks)", trial.survey]
      }
    }
    return TextTable.csv(header: header, rows: rows)
  }
}

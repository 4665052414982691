import Reports
import Foundation
import Rasters
import Surfaces

extension EvaluationReport {
  /// Renders a self-contained HTML page with tables, maps and charts.
  public func html() throws -> String {
    let sites = try sites.map { try page(of: $0) }
    return try ReportPage.render(
      title: self.sites.count == 1 ? "Evaluation of \(self.sites[0].name)" : "Evaluation",
      template: Self.template,
      [
        "heads": Metric.allCases.map { $0.unit.isEmpty ? $0.title : "\($0.title), \($0.unit)" },
        "isMany": self.sites.count > 1,
        "count": pooledSites.count, "total": self.sites.count, "leftOut": leftOut,
        "pooled": pooled.map { row($0.surface, $0.figures) },
        "pooledPaper": paper.map { paperRow($0) },
        "comparisons": verdicts.map(\.row),
        "hasComparisons": !verdicts.isEmpty,
        "sites": sites,
      ])
  }

  private func page(of site: SiteEvaluation) throws -> [String: Any] {
    let heights = site.surfaces.filter { $0.name == "heights" }
    var page: [String: Any] = [
      "name": site.name, "heights": site.heights, "reference": site.reference, "grid": site.grid,
      "preparation": site.preparation, "band": site.band, "blocks": site.blocks,
      "blockSide": site.blockSide, "notes": site.notes,
      "rows": site.surfaces.map { row($0.title, $0.figures) },
      "paper": site.paper.map { paperRow($0) }, "images": site.paperImages,
      "leftOut": site.paperImagesLeftOut > 0
        ? ", \(site.paperImagesLeftOut) with voids left out" : "",
      "strata": heights.flatMap { surface in
        surface.strata.map { partRow(surface.title, $0) }
      },
      "placements": heights.map { surface in
        let placement = surface.placement
        return [
          "title": surface.title, "scale": String(format: "%.4g", placement.scale),
          "shift": placement.shift.text(decimals: 2),
          "columns": placement.columns.text(decimals: 2), "rows": placement.rows.text(decimals: 2),
        ]
      },
    ]
    if let first = heights.first(where: { !$0.tileDistances.isEmpty }) {
      page["hasTiles"] = true
      page["tiles"] = first.tileDistances.map { partRow(first.title, $0) }
    }
    if let charts = site.charts {
      page["referenceShade"] = try ReportPage.source(charts.referenceShade)
      page["heightsShade"] = try ReportPage.source(charts.heightsShade)
      page["differences"] = try ReportPage.source(charts.differences)
      page["limit"] = charts.limit.text(decimals: charts.limit < 10 ? 2 : 0)
      page["chartTitle"] = charts.title
      page["histogram"] = Self.histogram(charts)
      page["scatter"] = Self.scatter(charts)
    }
    return page
  }

  private static func histogram(_ charts: EvaluationCharts) -> String {
    let bars = charts.histogram
    guard let first = bars.first, let last = bars.last else { return "" }
    var chart = Chart(
      "ours − reference, m", "share of pixels",
      x: first.range.lowerBound...last.range.upperBound,
      y: 0...(bars.map(\.height).max() ?? 1))
    chart.marks = [("", .bars(bars))]
    return chart.svg
  }

  private static func scatter(_ charts: EvaluationCharts) -> String {
    let xs = charts.pairs.map(\.x)
    let ys = charts.pairs.map(\.y)
    guard let x0 = xs.min(), let x1 = xs.max(), let y0 = ys.min(), let y1 = ys.max() else {
      return ""
    }
    var chart = Chart("reference, m", "ours, m", x: x0...x1, y: y0...y1)
    chart.marks = [("", .points(charts.pairs)), ("", .diagonal)]
    return chart.svg
  }

  private func row(_ title: String, _ figures: [Metric: Estimate]) -> [String: Any] {
    [
      "title": title,
      "cells": Metric.allCases.map { metric in figures[metric].map { cell(metric, $0) } ?? "–" },
    ]
  }

  private func cell(_ metric: Metric, _ estimate: Estimate) -> String {
    let value = metric.text(estimate.value)
    guard let interval = estimate.interval else { return value }
    return "\(value)<br><small>\(metric.text(interval.lowerBound)) … "
      + "\(metric.text(interval.upperBound))</small>"
  }

  private func paperRow(_ score: PaperScore) -> [String: Any] {
    let title = score.fit == .oracle ? "\(score.name), \(score.fit.rawValue)" : score.name
    return ["title": title, "cells": score.metrics.cells]
  }

  private func partRow(_ surface: String, _ part: EvaluatedSurface.Part) -> [String: Any] {
    let accuracy = part.accuracy
    return [
      "title": surface, "part": part.name, "count": accuracy.count,
      "cells": [
        Metric.bias.text(accuracy.bias), Metric.rmse.text(accuracy.rmse),
        Metric.nmad.text(accuracy.nmad), Metric.le90.text(accuracy.le90),
      ],
    ]
  }
}

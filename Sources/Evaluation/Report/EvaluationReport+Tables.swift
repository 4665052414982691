public import Foundation
import Reports

extension EvaluationReport {
  /// The metrics as CSV, one line for each surface of each site, with the bounds of each interval.
  public var csv: String {
    let head =
      ["site", "surface", "fit", "coregistered", "pixels", "scale", "shift", "columns", "rows"]
      + Metric.allCases.flatMap { [$0.rawValue, "\($0.rawValue)_low", "\($0.rawValue)_high"] }
      + ["mae255", "rmse255", "delta1", "delta2", "delta3", "psnr", "ssim", "lpips"]
    let lines = sites.flatMap { site in
      site.surfaces.map { surface in
        let figures = Metric.allCases.flatMap { metric -> [Double?] in
          let figure = surface.figures[metric]
          return [figure?.value, figure?.interval?.lowerBound, figure?.interval?.upperBound]
        }
        let paper = site.paper.first { $0.name == surface.name }?.metrics
        let scores = [
          paper?.mae, paper?.rmse, paper?.delta1, paper?.delta2, paper?.delta3, paper?.psnr,
          paper?.ssim, paper?.lpips,
        ]
        return [
          site.name, surface.name, surface.fit.rawValue,
          "\(surface.isCoregistered)", "\(surface.count)", "\(surface.placement.scale)",
          "\(surface.placement.shift)", "\(surface.placement.columns)",
          "\(surface.placement.rows)",
        ] + (figures + scores).map { $0.map { "\($0)" } ?? "" }
      }
    }
    return TextTable.csv(header: head, rows: lines)
  }

  /// Returns the report as one JSON object.
  public func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    return try encoder.encode(self)
  }

  /// The report for a terminal: the metrics of each site, without intervals, and the summary of all sites.
  public var lines: [String] {
    var lines: [String] = []
    for site in sites {
      lines.append("\(site.name): \(site.grid); \(site.preparation); correlation \(site.band)")
      lines += Self.table(
        site.surfaces.map { ($0.title, $0.figures.mapValues(\.value)) })
      lines += site.surfaces.compactMap(\.placementLine)
      lines += Self.paperTable(site.paper, of: site.paperImages, leftOut: site.paperImagesLeftOut)
      lines += site.notes.map { "  note: \($0)" } + [""]
    }
    lines += leftOut.map { "left out: \($0)" }
    guard sites.count > 1 else { return lines + verdicts.map(\.line) }
    lines.append("mean over \(pooledSites.count) of \(sites.count) sites")
    lines += Self.table(pooled.map { ($0.surface, $0.figures.mapValues(\.value)) })
    let images = paper.first?.images.count ?? 0
    lines += Self.paperTable(paper, of: images, leftOut: 0) + [""]
    return lines + verdicts.map(\.line)
  }

  private static func table(_ rows: [(title: String, figures: [Metric: Double])]) -> [String] {
    let head = Metric.allCases.map { $0.unit.isEmpty ? $0.title : "\($0.title) \($0.unit)" }
    let width = max(20, rows.map(\.title.count).max() ?? 0)
    func line(_ title: String, _ cells: [String]) -> String {
      "  " + title.padding(toLength: width, withPad: " ", startingAt: 0)
        + zip(head, cells).map { head, cell in
          String(repeating: " ", count: max(2, head.count + 2 - cell.count)) + cell
        }.joined()
    }
    return [line("", head)]
      + rows.map { row in
        line(
          row.title, Metric.allCases.map { metric in row.figures[metric].map(metric.text) ?? "–" })
      }
  }

  private static func paperTable(
    _ scores: [PaperScore], of images: Int, leftOut: Int
  ) -> [String] {
    let voids = leftOut > 0 ? ", \(leftOut) with voids left out" : ""
    guard !scores.isEmpty else {
      return ["  paper's metrics: no image of at most 512 × 512 pixels is without voids\(voids)"]
    }
    let head = ["MAE", "RMSE", "δ1 %", "δ2 %", "δ3 %", "PSNR", "SSIM", "LPIPS"]
    let width = max(20, scores.map(\.name.count).max() ?? 0)
    func line(_ title: String, _ cells: [String]) -> String {
      "  " + title.padding(toLength: width, withPad: " ", startingAt: 0)
        + cells.map { String(repeating: " ", count: max(1, 8 - $0.count)) + $0 }.joined()
    }
    return ["  paper's metrics, 0…255, over \(images) images\(voids)", line("", head)]
      + scores.map { line($0.name, $0.metrics.cells) }
  }
}

extension PaperMetrics {
  /// The metrics as formatted text, in the order of the tables.
  var cells: [String] {
    [
      mae.text(decimals: 2), rmse.text(decimals: 2), delta1.text(decimals: 1, times: 100),
      delta2.text(decimals: 1, times: 100), delta3.text(decimals: 1, times: 100),
      psnr.text(decimals: 2), ssim.text(decimals: 3), lpips.map { $0.text(decimals: 3) } ?? "–",
    ]
  }
}

extension EvaluatedSurface {
  /// The fitted scale and offset, and the shift of the coregistration; nil if nothing was fitted.
  fileprivate var placementLine: String? {
    guard fit == .affine || isCoregistered else { return nil }
    let shift =
      isCoregistered
      ? "moved \((-placement.columns).text(decimals: 2)) pixels right and "
        + "\((-placement.rows).text(decimals: 2)) down, " : ""
    return "  \(title): \(shift)× \(String(format: "%.5g", placement.scale)), "
      + "+ \(placement.shift.text(decimals: 2))"
  }
}

import Pairs
import Reports
import Foundation
import Rasters

extension DoctorReport {
  /// Renders an HTML page: the findings, and for each pair its image, a hillshade and the correlation for each shift.
  ///
  /// Thumbnails are included if the doctor kept them.
  ///
  /// - Parameter title: The title of the page.
  /// - Returns: Self-contained HTML.
  /// - Throws: An error of Mustache for an invalid template, or `RasterError` if a PNG cannot be encoded.
  public func page(title: String) throws -> String {
    try ReportPage.render(
      title: title, template: Self.template,
      [
        "title": title, "count": pairs.count,
        "errors": count(.error), "warnings": count(.warning), "notes": count(.note),
        "hasListFindings": !findings.isEmpty, "findings": findings.map(Self.content),
        "chart": shiftChart,
        "pairs": try pairs.enumerated().map { try Self.content($0.element, number: $0.offset + 1) },
      ])
  }

  private static let template = """
    <h1>{{title}}</h1>
    <p>{{count}} pairs: {{errors}} errors, {{warnings}} warnings, {{notes}} notes.</p>
    {{#hasListFindings}}<h2>The list</h2><ul>
    {{#findings}}<li><span class="{{severity}}">{{severity}}</span> {{message}} <small>{{code}}</small></li>
    {{/findings}}</ul>{{/hasListFindings}}
    {{{chart}}}
    <div class="wide"><table>
    <thead><tr><th>pair</th><th>right, px</th><th>below, px</th><th>±</th><th>correlation</th><th>sun</th>
    <th class="text">findings</th></tr></thead>
    <tbody>{{#pairs}}<tr><td><a href="#pair{{number}}">{{name}}</a></td><td>{{right}}</td><td>{{below}}</td><td>{{margin}}</td>
    <td>{{correlation}}</td><td>{{sun}}</td>
    <td class="text">{{#findings}}<span class="{{severity}}">{{code}}</span> {{/findings}}</td></tr>
    {{/pairs}}</tbody></table></div>
    {{#pairs}}
    <h2 id="pair{{number}}">{{name}}</h2>
    <p class="note">{{facts}}</p>
    <ul>
    {{#findings}}<li><span class="{{severity}}">{{severity}}</span> {{message}} <small>{{code}}</small></li>
    {{/findings}}
    {{^findings}}<li class="good">no problems found</li>{{/findings}}
    </ul>
    <div class="pictures">
    {{#pictures}}<figure style="width: 15rem"><img alt="" src="{{{source}}}"><figcaption>{{caption}}</figcaption></figure>{{/pictures}}
    </div>
    {{/pairs}}
    """

  private static func content(_ finding: PairFinding) -> [String: Any] {
    [
      "severity": finding.severity.rawValue, "message": finding.message,
      "code": finding.code.rawValue,
    ]
  }

  private static func content(_ report: PairReport, number: Int) throws -> [String: Any] {
    var pictures: [[String: Any]] = []
    if let preview = report.preview {
      let light = report.shift.flatMap { $0.doubt == nil ? $0.azimuthInDegrees : nil }
      pictures = [
        ["source": try ReportPage.source(preview.picture), "caption": "image"],
        [
          "source": try ReportPage.source(preview.hillshade(azimuthInDegrees: light ?? 315)),
          "caption": light.map {
            String(format: "relief, lit from %.0f°, as estimated from the image", $0)
          }
            ?? "relief, lit from 315°",
        ],
      ]
      if let shift = report.shift {
        pictures.append([
          "source": try ReportPage.source(shift.picture),
          "caption": String(
            format:
              "correlation for shifts of up to %d px, %.2f at most; frame: zero shift, cross: estimate",
            shift.radius, shift.correlation),
        ])
      }
    }
    let known = report.shift.flatMap { $0.doubt == nil ? $0 : nil }
    func text(_ format: String, _ value: Double?) -> String {
      value.map { String(format: format, $0) } ?? ""
    }
    return [
      "number": number, "name": report.pair.name,
      "facts": report.facts.joined(separator: " · "),
      "right": text("%+.2f", known?.columns), "below": text("%+.2f", known?.rows),
      "margin": String(known?.margin.dropFirst(3) ?? ""),
      "correlation": text("%.2f", report.shift?.correlation),
      "sun": text("%.0f°", report.sunAzimuth),
      "findings": report.findings.map(content), "pictures": pictures,
    ]
  }

  /// A scatter chart of the known shifts.
  private var shiftChart: String {
    let known = pairs.compactMap(\.shift).filter { $0.doubt == nil }
    guard let radius = known.map(\.radius).max() else { return "" }
    let range = -Double(radius)...Double(radius)
    var chart = Chart(
      "DEM right of the image, px", "DEM above the image, px", x: range, y: range)
    // Crosses, because single dots would hardly be visible.
    let arm = Double(radius) / 40
    let crosses = known.flatMap { shift -> [(x: Double, y: Double)] in
      let (x, y) = (shift.columns, -shift.rows)
      return [
        (x - arm, y), (x + arm, y), (.nan, .nan), (x, y - arm), (x, y + arm), (.nan, .nan),
      ]
    }
    chart.marks = [("", .line(crosses))]
    return "<figure>\(chart.svg)<figcaption>\(known.count) known shifts</figcaption></figure>"
  }
}

extension PairReport {
  /// A few measurements, each as a short phrase.
  public var facts: [String] {
    var facts: [String] = []
    if let width, let height { facts.append("\(width) × \(height) px") }
    if let imageGSD { facts.append(String(format: "image %.3g m", imageGSD)) }
    if let demGSD { facts.append(String(format: "DEM %.3g m", demGSD)) }
    switch fit {
    case .sameGrid: facts.append("on the same grid")
    case .samePixels: facts.append("no georeferencing, pixels assumed to coincide")
    case .warped(let resampling): facts.append("DEM warped, \(resampling.rawValue)")
    case nil: break
    }
    if let split = pair.split { facts.append("for \(split.rawValue)") }
    if let surface = pair.surface { facts.append("declared \(surface.rawValue)") }
    if let standing {
      facts.append(String(format: "objects on %.1f %%", 100 * standing))
    }
    if let shift {
      facts.append(
        shift.doubt == nil
          ? String(
            format: "DEM %+.2f px right, %+.2f px below%@", shift.columns, shift.rows, shift.margin)
          : "shift unknown")
      facts.append(String(format: "correlation %.2f", shift.correlation))
    }
    if let sunAzimuth { facts.append(String(format: "sun at %.0f°", sunAzimuth)) }
    return facts
  }
}

extension PairShift {
  /// Half the width of the wider interval, formatted as " ± 0.21"; empty if there is none.
  public var margin: String {
    let halves = [columnRange, rowRange].compactMap { range in
      range.map { ($0.upperBound - $0.lowerBound) / 2 }
    }
    return halves.max().map { String(format: " ± %.2f", $0) } ?? ""
  }
}

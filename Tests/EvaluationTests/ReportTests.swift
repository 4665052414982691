import Foundation
import Evaluation
import Reports
import Scenes
import TestSupport
import Testing

/// Tests that all formats of a report contain the same values.
@Suite struct ReportTests {
  private func sites() throws -> [SiteEvaluation] {
    try [("a", 1.0, UInt64(42)), ("b <&\", c", 3.0, 43)].map { name, error, seed in
      let truth = try heightRaster(width: 64, height: 64) { hills($0, $1) }
      let ours = try heightRaster(width: 64, height: 64) { east, south in
        hills(east, south) + error * (east < 900 ? 1 : -1)
      }
      var request = EvaluationRequest.quick(ours, truth)
      request.name = name
      request.bootstrap.seed = seed
      return try SiteEvaluation.evaluate(request)
    }
  }

  @Test func `sites have equal weight in means`() throws {
    let sites = try sites()
    let report = EvaluationReport(sites)
    let title = "heights, as it is"
    let pooled = try #require(report.pooled.first { $0.surface == title }?.figures[.rmse])
    #expect(abs(pooled.value - 2) < 1e-3)
    let own = sites.compactMap { $0.surfaces[0].figures[.bias]?.interval }
    let both = try #require(
      report.pooled.first { $0.surface == title }?.figures[.bias]?.interval)
    #expect(both.upperBound - both.lowerBound < own[1].upperBound - own[1].lowerBound)
    #expect(EvaluationReport([sites[0]]).pooled.isEmpty)
  }

  @Test func `heights are significantly better than a plane`() throws {
    let report = EvaluationReport(try sites())
    let comparison = try #require(
      report.comparisons.first { $0.other.hasPrefix("plane") && $0.metric == .nmad })
    #expect(comparison.isOracle && comparison.isBetter == true)
    #expect(
      !report.comparisons.contains { $0.other.hasPrefix("plane") && $0.metric == .correlation },
      "a plane has no detail")
  }

  @Test func `CSV, JSON and HTML contain the same values`() throws {
    let report = EvaluationReport(try sites(), leftOut: ["c: it was not there"])
    let rows = report.csv.split(separator: "\n").map(String.init)
    let surfaces = report.sites.reduce(0) { $0 + $1.surfaces.count }
    #expect(rows.count == 1 + surfaces)
    #expect(
      rows[0].hasPrefix(
        "site,surface,fit,coregistered,pixels,scale,shift,columns,rows,bias,bias_low,bias_high,rmse,"
      ))
    #expect(rows.contains { $0.hasPrefix("\"b <&\"\", c\",heights,as it is,false,4096,1.0,0.0,") })
    let object = try #require(
      JSONSerialization.jsonObject(with: report.json()) as? [String: Any])
    let first = try #require((object["sites"] as? [[String: Any]])?.first)
    let judged = try #require((first["surfaces"] as? [[String: Any]])?.first)
    let figures = try #require(judged["figures"] as? [String: [String: Double]])
    let rmse = try #require(report.sites[0].surfaces[0].figures[.rmse]?.value)
    #expect(abs(try #require(figures["rmse"]?["value"]) - rmse) < 1e-12)
    let html = try report.html()
    #expect(html.contains("<h2>b &lt;&amp;&quot;, c</h2>") && !html.contains("<h2>b <&"))
    #expect(html.contains("Left out: c: it was not there") && html.contains("<svg"))
    #expect(!html.contains("{{") && !html.contains("src=\"http"))
    #expect(report.lines.contains("left out: c: it was not there"))
    #expect(report.lines.contains("mean over 2 of 2 sites"))
  }
}

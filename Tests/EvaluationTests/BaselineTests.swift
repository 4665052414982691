import Foundation
import Grids
import Evaluation
import Rasters
import TestSupport
import Testing

/// Tests the baselines that need no network, and comparisons with other heights.
@Suite struct BaselineTests {
  @Test func `on a tilted plane, the plane baseline has no error, and the mean has`() throws {
    let plane = { (east: Double, south: Double) in 100 + 0.2 * east - 0.1 * south }
    let truth = try heightRaster(width: 60, height: 50, plane)
    let found = try SiteEvaluation.evaluate(.quick(truth, truth))
    #expect(try #require(found.figure(.rmse, of: "plane", .oracle)) < 1e-2)
    #expect(try #require(found.figure(.slopeRMSE, of: "plane", .oracle)) < 1e-2)
    let mean = "mean of the reference"
    // The standard deviation of evenly spaced numbers is the range divided by √12.
    let deviation = ((0.2 * 1800) * (0.2 * 1800) / 12 + (0.1 * 1500) * (0.1 * 1500) / 12)
      .squareRoot()
    #expect(
      abs(try #require(found.figure(.rmse, of: mean, .oracle)) - deviation) < 0.01 * deviation)
    #expect(abs(try #require(found.figure(.bias, of: mean, .oracle))) < 1e-2)
    let slope = atan(0.05.squareRoot()) * 180 / Double.pi
    #expect(abs(try #require(found.figure(.slopeBias, of: mean, .oracle)) + slope) < 1e-2)
    #expect(found.figure(.inversionRate, of: mean, .oracle) == 0.5)
    #expect(found.figure(.correlation, of: mean, .oracle) == nil)
  }

  /// Brightness that decreases with height predicts height after a change of sign.
  @Test func `the luminance baseline uses the better sign`() throws {
    let valley = { (east: Double, south: Double) in 300 + 200 * sin(east / 1500) }
    let truth = try heightRaster(width: 100, height: 60, valley)
    var request = EvaluationRequest.quick(truth, truth)
    request.image = try heightRaster(width: 100, height: 60, unit: "") { 1000 - valley($0, $1) }
    let found = try SiteEvaluation.evaluate(request)
    #expect(try #require(found.figure(.rmse, of: "blurred luminance", .affine)) < 3)
    let scale = found.surfaces.first { $0.name == "blurred luminance" }?.placement.scale
    #expect(abs(try #require(scale) + 1) < 0.02)
    let paper = try #require(found.paper.first { $0.name == "blurred luminance" })
    #expect(paper.metrics.mae < 5)
  }

  /// One rival equals the heights with another scale and offset, positive downward; others equal the reference.
  @Test func `other heights are fitted in the same way and compared with ours`() throws {
    let truth = try heightRaster(width: 96, height: 96) { hills($0, $1) }
    let ours = { (east: Double, south: Double) in
      hills(east, south) + 30 * sin(east / 60) * cos(south / 50)
    }
    var request = EvaluationRequest.quick(
      try heightRaster(width: 96, height: 96, unit: "", ours), truth)
    request.rivals = [
      .init(
        name: "same, as depth",
        raster: try heightRaster(
          width: 96, height: 96, unit: "", tags: ["POSITIVE": "down"]
        ) { 7 - 0.01 * ours($0, $1) }),
      .init(name: "truth", raster: truth),
      .init(
        name: "truth, finer",
        raster: try heightRaster(width: 200, height: 200, gsd: 15, east: -60, south: -60) {
          hills($0, $1)
        }),
    ]
    let found = try SiteEvaluation.evaluate(request)
    let own = try #require(found.figure(.rmse, .affine))
    #expect(own > 10)
    let same = try #require(found.figure(.rmse, of: "same, as depth", .affine))
    #expect(abs(same - own) < 0.01 * own)
    #expect(try #require(found.figure(.rmse, of: "truth", .affine)) < 1e-2)
    #expect(try #require(found.figure(.rmse, of: "truth, finer", .affine)) < 1)
    let report = EvaluationReport([found])
    let slopes = report.comparisons.filter { $0.metric == .slopeRMSE }
    #expect(
      slopes.first { $0.other == "truth, affine fit" }.map(\.isBetter) == .some(false))
    let paper = report.paperComparisons
    #expect(
      paper.map(\.other)
        == ["same, as depth", "truth", "truth, finer", "mean of the reference", "plane"])
    #expect(abs(paper[0].mae.value) < 0.2 && paper[1].mae.value > 1)
    #expect(paper[1].lpips == nil && paper[3].isOracle)
    let table = report.lines.joined(separator: "\n")
    #expect(table.contains("heights, minus truth, MAE of 255: "), "\(table)")
    #expect(try report.html().contains("<td>truth, finer</td>"))
  }

  @Test func `other heights that cannot be aligned are refused by name`() throws {
    let truth = try heightRaster(width: 40, height: 40) { hills($0, $1) }
    var request = EvaluationRequest.quick(truth, truth)
    let other = try heightRaster(width: 30, height: 40, isPlaced: false) { hills($0, $1) }
    request.rivals = [.init(name: "theirs", raster: other)]
    #expect { _ = try SiteEvaluation.evaluate(request) } throws: {
      "\($0)".contains("theirs, \(other), has 30 × 40 pixels, the heights have 40 × 40")
    }
  }

  @Test(arguments: [["heights"], ["plane"], ["theirs", "theirs"]])
  func `names of surfaces must be unique`(names: [String]) throws {
    let truth = try heightRaster(width: 40, height: 40) { hills($0, $1) }
    var request = EvaluationRequest.quick(truth, truth)
    request.rivals = names.map { .init(name: $0, raster: truth) }
    #expect { _ = try SiteEvaluation.evaluate(request) } throws: {
      "\($0)".contains("--against \(names[0]): another surface has this name")
    }
  }

  @Test func `a note says that other heights fall where the reference rises`() throws {
    let truth = try heightRaster(width: 40, height: 40) { hills($0, $1) }
    var request = EvaluationRequest.quick(truth, truth)
    request.rivals = [
      .init(name: "theirs", raster: try heightRaster(width: 40, height: 40) { -hills($0, $1) })
    ]
    let notes = try SiteEvaluation.evaluate(request).notes
    #expect(notes.contains { $0.hasPrefix("The heights of theirs fall where") }, "\(notes)")
  }

  /// An image without a valid pixel cannot be used.
  @Test func `an image without valid pixels is refused`() throws {
    let truth = try heightRaster(width: 40, height: 40) { hills($0, $1) }
    var request = EvaluationRequest.quick(truth, truth)
    let image = try heightRaster(width: 40, height: 40, unit: "") { _, _ in .nan }
    request.image = image
    #expect { _ = try SiteEvaluation.evaluate(request) } throws: {
      "\($0)".contains("\(image) has no valid pixel")
    }
  }

  @Test func `area-preserving upsampling is better than bicubic and has little bias`() throws {
    let truth = try heightRaster(width: 96, height: 96, gsd: 30) { hills($0, $1) }
    var request = EvaluationRequest.quick(truth, truth)
    request.anchor = try coarse(96, by: 4)
    let found = try SiteEvaluation.evaluate(request)
    let area = try #require(found.figure(.rmse, of: "anchor, area-preserving"))
    let bicubic = try #require(found.figure(.rmse, of: "anchor, bicubic"))
    // Means over pixels are not point samples; only the area-preserving method accounts for that.
    #expect(area < bicubic && bicubic < 20)
    #expect(abs(try #require(found.figure(.bias, of: "anchor, area-preserving"))) < 0.3)
  }

  /// The detail of an image that equals the heights is exactly what the anchor lacks.
  @Test func `image detail improves the anchor if it matches the terrain`() throws {
    let truth = try heightRaster(width: 96, height: 96, gsd: 30) { hills($0, $1) }
    var request = EvaluationRequest.quick(truth, truth)
    request.anchor = try coarse(96, by: 8)
    request.image = truth
    let found = try SiteEvaluation.evaluate(request)
    let plain = try #require(found.figure(.rmse, of: "anchor, area-preserving"))
    let detailed = try #require(
      found.figure(.rmse, of: "anchor, area-preserving, with luminance detail", .oracle))
    #expect(detailed < 0.8 * plain)
  }

  /// Writes means of the hills over square blocks.
  private func coarse(_ side: Int, by factor: Int) throws -> String {
    let fine = 30.0
    return try heightRaster(
      width: side / factor, height: side / factor, gsd: fine * Double(factor)
    ) { east, south in
      var sum = 0.0
      for row in 0..<factor {
        for column in 0..<factor {
          let offset = { (i: Int) in (Double(i) + 0.5 - Double(factor) / 2) * fine }
          sum += hills(east + offset(column), south + offset(row))
        }
      }
      return sum / Double(factor * factor)
    }
  }
}

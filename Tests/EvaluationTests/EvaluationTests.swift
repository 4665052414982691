import Foundation
import Evaluation
import Rasters
import Scenes
import Tensors
import TestSupport
import Testing

/// Tests that known changes of a reference are measured.
@Suite struct EvaluationTests {
  @Test func `a constant height error is a bias and nothing else`() throws {
    let truth = try heightRaster(width: 90, height: 70) { hills($0, $1) }
    let ours = try heightRaster(width: 90, height: 70) { hills($0, $1) + 5 }
    let found = try SiteEvaluation.evaluate(.quick(ours, truth))
    #expect(abs(try #require(found.figure(.bias)) - 5) < 1e-4)
    #expect(abs(try #require(found.figure(.rmse)) - 5) < 1e-4)
    #expect(abs(try #require(found.figure(.le90)) - 5) < 1e-3)
    #expect(try #require(found.figure(.nmad)) < 1e-3)
    #expect(try #require(found.figure(.slopeRMSE)) < 1e-3)
    #expect(try #require(found.figure(.inversionRate)) < 1e-3)
    #expect(abs(try #require(found.figure(.correlation)) - 1) < 1e-6)
    // A fit or a coregistration removes the bias.
    #expect(abs(try #require(found.figure(.bias, .affine))) < 1e-3)
    #expect(abs(try #require(found.figure(.bias, isCoregistered: true))) < 1e-3)
  }

  @Test func `relative heights are evaluated only after a fit`() throws {
    let truth = try heightRaster(width: 80, height: 80) { hills($0, $1) }
    let ours = try heightRaster(
      width: 80, height: 80, unit: "1", tags: ["HEIGHT": "relative"]
    ) { hills($0, $1) / 250 - 3 }
    let found = try SiteEvaluation.evaluate(.quick(ours, truth))
    #expect(found.figure(.rmse) == nil, "relative values need a fit")
    #expect(try #require(found.figure(.rmse, .affine)) < 1e-2)
    let placement = try #require(found.surfaces.first).placement
    #expect(abs(placement.scale - 250) < 0.01 && abs(placement.shift - 750) < 0.1)
    // On request, values are interpreted as meters nevertheless.
    var request = EvaluationRequest.quick(ours, truth)
    request.unit = .meters
    #expect(try #require(SiteEvaluation.evaluate(request).figure(.rmse)) > 100)
  }

  @Test func `the sign of depths is inverted`() throws {
    let truth = try heightRaster(width: 60, height: 60) { hills($0, $1) }
    let ours = try heightRaster(
      width: 60, height: 60, tags: ["HEIGHT": "relative", "POSITIVE": "down"]
    ) { -hills($0, $1) }
    let found = try SiteEvaluation.evaluate(.quick(ours, truth))
    #expect(try #require(found.figure(.rmse, .affine)) < 1e-2)
    #expect(try #require(found.figure(.inversionRate, .affine)) < 1e-3)
  }

  @Test func `a horizontal offset is estimated and corrected`() throws {
    let truth = try heightRaster(width: 150, height: 130) { hills($0, $1) }
    let ours = try heightRaster(width: 150, height: 130) { hills($0 - 45, $1 + 24) + 2 }
    let found = try SiteEvaluation.evaluate(.quick(ours, truth))
    let moved = try #require(
      found.surfaces.first { $0.fit == .none && $0.isCoregistered })
    // Ours lie 45 m to the right and 24 m above: 1.5 columns and −0.8 rows.
    #expect(abs(moved.placement.columns - 1.5) < 0.05)
    #expect(abs(moved.placement.rows + 0.8) < 0.05)
    #expect(abs(moved.placement.shift + 2) < 0.1)
    let (before, after) = (found.figure(.nmad), moved.figures[.nmad]?.value)
    let least = try #require(before)
    #expect(try #require(after) < 0.1 * least)
  }

  /// The mean over 3 × 3 pixels of a plane equals the plane, whatever its slope.
  @Test func `the finer raster is averaged`() throws {
    let plane = { (east: Double, south: Double) in 100 + 0.2 * east - 0.1 * south }
    let truth = try heightRaster(width: 40, height: 30, gsd: 90, plane)
    let ours = try heightRaster(width: 120, height: 90, gsd: 30, plane)
    let found = try SiteEvaluation.evaluate(.quick(ours, truth))
    #expect(
      found.grid.hasPrefix("40 × 30 pixels") && found.preparation.contains("heights averaged"))
    #expect(try #require(found.figure(.rmse)) < 1e-2)
    let turned = try SiteEvaluation.evaluate(.quick(truth, ours))
    #expect(turned.grid.hasPrefix("40 × 30 pixels"))
    #expect(turned.preparation.contains("reference averaged"))
    #expect(try #require(turned.figure(.rmse)) < 1e-2)
  }

  @Test func `a larger reference is cropped, and one on another grid is resampled`() throws {
    let truth = try heightRaster(width: 200, height: 180, east: -900, south: -600) {
      hills($0, $1)
    }
    let ours = try heightRaster(width: 64, height: 64, gsd: 30, east: 15, south: 15) {
      hills($0, $1)
    }
    let found = try SiteEvaluation.evaluate(.quick(ours, truth))
    #expect(found.surfaces[0].count > 62 * 62 && found.surfaces[0].count <= 66 * 66)
    // Offset by half a pixel, so heights are interpolated.
    #expect(try #require(found.figure(.rmse)) < 2)
  }

  @Test func `results are bit-identical for any number of threads`() throws {
    let truth = try heightRaster(width: 120, height: 100) { hills($0, $1) }
    let ours = try heightRaster(width: 120, height: 100) { hills($0 * 1.02, $1) + 3 }
    func json(_ threads: Int) throws -> Data {
      try Parallel.$workers.withValue(threads) {
        try EvaluationReport([SiteEvaluation.evaluate(.quick(ours, truth))]).json()
      }
    }
    #expect(try json(1) == json(3))
  }

  @Test func `rasters that cannot be compared are refused with a reason`() throws {
    let truth = try heightRaster(width: 40, height: 40) { hills($0, $1) }
    func message(_ heights: String, _ reference: String) -> String {
      do {
        _ = try SiteEvaluation.evaluate(.quick(heights, reference))
        return "judged"
      } catch { return "\(error)" }
    }
    let far = try heightRaster(width: 40, height: 40, east: 60_000) { hills($0, $1) }
    #expect(message(far, truth).contains("do not overlap"))
    let bare = try heightRaster(width: 40, height: 40, isPlaced: false) { hills($0, $1) }
    #expect(message(bare, truth).contains("is not georeferenced"))
    let smaller = try heightRaster(width: 30, height: 40, isPlaced: false) { hills($0, $1) }
    #expect(message(bare, smaller).contains("neither is georeferenced"))
    let nameless = try heightRaster(width: 40, height: 40, east: 30, crs: nil) { hills($0, $1) }
    #expect(message(nameless, truth).contains("no CRS"))
    let void = try heightRaster(width: 40, height: 40, noData: -9999) { _, _ in -9999 }
    #expect(message(truth, void).contains("\(void) has no valid pixel"))
    #expect(message(void, truth).contains("\(void) has no valid pixel"))
    let nan = try heightRaster(width: 40, height: 40) { _, _ in .nan }
    #expect(message(nan, truth).contains("has no valid pixel"))
    let feet = try heightRaster(width: 40, height: 40, unit: "ft") { hills($0, $1) }
    #expect(message(truth, feet).contains("expected meters"))
    let halves = [
      try heightRaster(width: 40, height: 40) { east, south in
        east < 500 ? hills(east, south) : .nan
      },
      try heightRaster(width: 40, height: 40) { east, south in
        east > 700 ? hills(east, south) : .nan
      },
    ]
    #expect(message(halves[0], halves[1]).contains("no pixel where both"))
    #expect(message("/nowhere.tif", truth).contains("/nowhere.tif"))
  }

  @Test func `rasters without georeferencing are compared pixel by pixel`() throws {
    let truth = try heightRaster(width: 40, height: 40, unit: "", isPlaced: false) { hills($0, $1) }
    let ours = try heightRaster(width: 40, height: 40, unit: "", isPlaced: false) {
      hills($0, $1) / 2
    }
    let found = try SiteEvaluation.evaluate(.quick(ours, truth))
    #expect(!found.isMetric && found.figure(.slopeRMSE, .affine) == nil)
    #expect(try #require(found.figure(.rmse, .affine)) < 1e-2)
    #expect(found.figure(.inversionRate, .affine) == 0)
  }
}

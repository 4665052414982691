import Foundation
import Fusion
import Grids
import Rasters
import Scenes
import Surfaces
import TestModels
import TestSupport
import Testing

/// Heights in meters from a reference, with the detail of the scene.
@Suite struct AnchorTests {
  @Test func `a scene sharpens a reference, whose means over cells are kept`() async throws {
    let land = try AnchoredLand()
    let report = try await land.infer()
    let dem = try land.dem()
    let cells = try pixels(land.reference)
    let plain = land.spline.enlarged(cells)
    #expect(land.error(of: dem) < 0.7 * land.error(of: plain))
    #expect(zip(land.spline.means(dem), cells).allSatisfy { abs($0 - $1) < 0.002 })
    let anchor = try #require(report.anchor)
    #expect(anchor.sources[0].name == "shading" && anchor.sources[0].usedCount == 1)
    #expect(anchor.heights == dem.count && anchor.withoutDetail < dem.count / 100)
    #expect(report.companions.contains(land.folder("relief_dem.tif")))
  }

  @Test func `the raster says what its heights are`() async throws {
    let land = try AnchoredLand()
    _ = try await land.infer()
    let dem = try Dataset(reading: land.folder("relief_dem.tif"))
    #expect(try dem.georeferencing.crs?.isSame(as: CRS("EPSG:32633+5773")) == true)
    #expect(dem.georeferencing.geoTransform == AnchoredLand.place)
    #expect(dem.bands[0].unit == "metre" && dem.bands[0].description == "height")
    let tags = dem.metadata()
    #expect(tags["HEIGHT"] == "anchored" && tags["RELIEF_REFERENCE"] == "reference.tif")
    #expect(tags["VERTICAL_DATUM"]?.contains("EPSG:5773") == true)
    #expect(tags["RELIEF_DETAIL_SHADING"]?.contains("used in 1 of 1") == true)
    let relative = try Dataset(reading: land.folder("relief.tif"))
    #expect(relative.metadata()["HEIGHT"] == "relative" && relative.bands[0].unit == "1")
  }

  @Test func `a scene that shows nothing leaves the enlarged reference`() async throws {
    let land = try AnchoredLand(showsSlopes: false)
    let report = try await land.infer()
    let plain = land.spline.enlarged(try pixels(land.reference))
    #expect(try zip(land.dem(), plain).allSatisfy { abs($0 - $1) < 1e-3 })
    let anchor = try #require(report.anchor)
    #expect(anchor.withoutDetail == plain.count)
    #expect(anchor.sources.allSatisfy { $0.usedCount == 0 })
  }

  @Test func `neither threads nor an interruption change the heights`() async throws {
    let land = try AnchoredLand()
    _ = try await land.infer(to: "one.tif") { $0.threads = 1 }
    _ = try await land.infer(to: "four.tif") { $0.threads = 4 }
    let heights = try land.dem("one_dem.tif")
    #expect(try land.dem("four_dem.tif") == heights)
    // What a killed run has finished is kept: here, all stages without the output.
    try FileManager.default.removeItem(atPath: land.folder("four.tif"))
    _ = try await land.infer(to: "four.tif") { $0.threads = 2 }
    #expect(try land.dem("four_dem.tif") == heights)
  }

  @Test func `feet are feet, and another datum moves all heights`() async throws {
    let land = try AnchoredLand()
    let meters = try pixels(land.reference)
    let foot: Float = 1200 / 3937
    try land.write(
      reference: meters.map { $0 / foot }, to: land.folder("feet.tif"), crs: "EPSG:32633+6360")
    _ = try await land.infer(to: "a.tif", vertical: "EPSG:5703")
    _ = try await land.infer(to: "b.tif", reference: land.folder("feet.tif"), vertical: nil)
    let heights = try land.dem("a_dem.tif")
    #expect(try zip(land.dem("b_dem.tif"), heights).allSatisfy { abs($0 - $1) < 0.01 })
    let crs = try Dataset(reading: land.folder("b_dem.tif")).georeferencing.crs
    #expect(try crs?.isSame(as: CRS("EPSG:32633+5703")) == true)

    // The geoid of EGM96 lies 45 m to 47 m above the ellipsoid here, at 15° E 45° N.
    _ = try await land.infer(to: "c.tif", output: "EPSG:4979")
    let above = try zip(land.dem("c_dem.tif"), heights).map { $0 - $1 }
    #expect(above.allSatisfy { (44...48).contains($0) })
    #expect((above.max() ?? 0) - (above.min() ?? 0) < 0.5)
  }

  @Test func `water is level, and voids stay voids and are counted`() async throws {
    let land = try AnchoredLand()
    var cells = try pixels(land.reference)
    let width = land.spline.cells.width
    for row in 10..<20 { for column in 5..<17 { cells[row * width + column] = 1400 } }
    for row in 30..<33 { for column in 40..<45 { cells[row * width + column] = -9999 } }
    try land.write(reference: cells, to: land.folder("lake.tif"))
    let report = try await land.infer(
      reference: land.folder("lake.tif"), layers: [.heightClass])
    let (dem, classes) = (try land.dem(), try land.dem("relief_dem_class.tif"))
    let wrong = dem.indices.filter { pixel in
      let cell = (pixel / land.spline.width / 4, pixel % land.spline.width / 4)
      if (10..<20).contains(cell.0), (5..<17).contains(cell.1) {
        return dem[pixel] != 1400 || classes[pixel] != 4
      }
      let isVoid = (30..<33).contains(cell.0) && (40..<45).contains(cell.1)
      return (dem[pixel] == -9999) != isVoid || (classes[pixel] == 0) != isVoid
    }
    #expect(wrong.isEmpty)
    #expect(report.warnings.contains { $0.hasPrefix("240 pixels have no height in meters") })
  }

  /// Three blocks along each side and several regions, compared with the whole in memory.
  @Test func `blocks and regions give what the whole gives`() async throws {
    let land = try AnchoredLand(cells: Grid(width: 230, height: 210), factor: 4)
    _ = try await land.infer()
    let reference = try pixels(land.reference)
    let scene = try Dataset(reading: land.scene)
    let source = try ReferenceSource(land.reference, vertical: AnchoredLand.egm96)
    let anchor = try #require(try await land.plan(source).0.anchor)
    let bands = try anchor.bands.map { band in
      try scene.read(scene.grid.window, band: band.band).map {
        log(max($0 - band.haze, band.least))
      }
    }
    let integrals = ShadingIntegrals(land.spline.grid, sun: anchor.survey.light, reach: 12)
    let relative = try pixels(land.folder("relief.tif"))
    let filter = HighPass(wavelengthInColumns: 7, rows: 7)
    let smooth = zip(relative, filter.apply(relative, width: land.spline.width)).map { $0 - $1 }
    let whole = DetailFusion(
      reference,
      with: [
        DetailSource("shading", bands.flatMap { integrals.surfaces(of: $0) }),
        DetailSource("network", [smooth]),
      ], on: land.spline
    ).heights
    let detail = zip(whole, land.spline.enlarged(reference)).map { Double($0 - $1) }
    let difference = try zip(land.dem(), whole).map { Double($0 - $1) }
    func rms(_ values: [Double]) -> Double {
      (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
    }
    #expect(rms(detail) > 1)
    #expect(rms(difference) < 0.03 * rms(detail), "\(rms(difference)) of \(rms(detail))")
  }
}

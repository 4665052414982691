import Foundation
import Grids
import Rasters
import TestSupport
import Testing

/// Resampling to another grid preserves positions.
@Suite struct WarpTests {
  private func raster(
    _ transform: GeoTransform?, crs: String? = "EPSG:32633", width: Int, height: Int,
    noData: Double? = nil, _ value: (_ row: Int, _ column: Int) -> Float
  ) throws -> String {
    let values = (0..<width * height).map { value($0 / width, $0 % width) }
    return try makeRaster(width: width, height: height, bands: [values]) { dataset in
      try dataset.setGeoreferencing(
        Georeferencing(geoTransform: transform, crs: try crs.map { try CRS($0) }))
      if let noData { try dataset.setNoData(noData, band: 1) }
    }
  }

  private func warped(
    _ source: String, onto target: String, by resampling: Warp.Resampling = .bilinear
  ) throws -> Pixels {
    let output = memoryPath()
    try Warp.write(
      Dataset(reading: source), onto: Dataset(reading: target), by: resampling, to: output)
    let result = try Dataset(reading: output)
    let grid = try Dataset(reading: target).grid
    #expect(result.grid == grid)
    return try result.read(result.grid.window, bands: [1])
  }

  /// Uses heights that rise by 2 per column and 3 per row of 10 m, and a target rotated by 30° with pixels of 7 m.
  @Test func `a plane remains a plane on a rotated grid`() throws {
    let plane = try raster(
      GeoTransform([500_000, 10, 0, 5_000_000, 0, -10]), width: 100, height: 80
    ) { Float(2 * $1 + 3 * $0) }
    let (c, s) = (7 * cos(Double.pi / 6), 7 * sin(Double.pi / 6))
    let rotated = GeoTransform([500_300, c, -s, 4_999_800, -s, -c])
    let target = try raster(rotated, width: 40, height: 30) { _, _ in 0 }
    let pixels = try warped(plane, onto: target)
    var worst = 0.0
    for row in 0..<30 {
      for column in 0..<40 {
        let x = 500_300 + c * (Double(column) + 0.5) - s * (Double(row) + 0.5)
        let y = 4_999_800 - s * (Double(column) + 0.5) - c * (Double(row) + 0.5)
        let truth = 2 * ((x - 500_000) / 10 - 0.5) + 3 * ((5_000_000 - y) / 10 - 0.5)
        let i = row * 40 + column
        worst = max(worst, pixels.isValid[i] ? abs(Double(pixels.values[i]) - truth) : .infinity)
      }
    }
    #expect(worst < 0.05)
  }

  @Test func `averaging uses all covered pixels except voids`() throws {
    let fine = try raster(
      GeoTransform([500_000, 10, 0, 5_000_000, 0, -10]), width: 40, height: 40,
      noData: -9
    ) { row, column in row < 4 && column < 4 ? (row == 0 ? 8 : -9) : Float(column / 4) }
    let coarse = try raster(
      GeoTransform([500_000, 40, 0, 5_000_000, 0, -40]), width: 12, height: 10
    ) { _, _ in 0 }
    let pixels = try warped(fine, onto: coarse, by: .average)
    #expect(pixels.values[0] == 8)
    #expect(pixels.values[12] == 0 && pixels.values[9] == 9)
    #expect(pixels.values[10].isNaN && !pixels.isValid[10], "there is no data beyond the raster")
  }

  @Test func `a hill in degrees has the same position in meters`() throws {
    // A hill around 15° E, 45° N: the central meridian of UTM zone 33.
    let degrees = try raster(
      GeoTransform([14.98, 0.0004, 0, 45.02, 0, -0.0004]), crs: "EPSG:4326",
      width: 100, height: 100
    ) { row, column in
      let (x, y) = (Double(column) - 49.5, Double(row) - 49.5)
      return Float(1000 * exp(-(x * x + y * y) / 200))
    }
    let meters = try raster(
      GeoTransform([498_500, 30, 0, 4_984_600, 0, -30]), width: 100, height: 100
    ) { _, _ in 0 }
    let pixels = try warped(degrees, onto: meters)
    let top = pixels.values.indices.max {
      let (a, b) = (pixels.values[$0], pixels.values[$1])
      return (a.isNaN ? -1 : a) < (b.isNaN ? -1 : b)
    }
    // 45° N on the central meridian has the northing 4 982 950.4 m in UTM.
    let (row, column) = (try #require(top) / 100, try #require(top) % 100)
    #expect(abs(498_500 + 30 * (Double(column) + 0.5) - 500_000) <= 30)
    #expect(abs(4_984_600 - 30 * (Double(row) + 0.5) - 4_982_950.4) <= 30)
  }

  @Test func `the error for a raster without georeferencing or CRS names it`() throws {
    let bare = try raster(nil, crs: nil, width: 4, height: 4) { _, _ in 1 }
    let lost = try raster(
      GeoTransform([0, 1, 0, 0, 0, -1]), crs: nil, width: 4, height: 4
    ) { _, _ in 1 }
    let known = try raster(
      GeoTransform([500_000, 10, 0, 5_000_000, 0, -10]), width: 4, height: 4
    ) { _, _ in 1 }
    for (source, target, named) in [(bare, known, bare), (known, bare, bare), (lost, known, lost)] {
      let error = #expect(throws: RasterError.self) { try warped(source, onto: target) }
      #expect(error?.kind == .badData && error?.description.contains(named) == true)
    }
  }

  /// A world in degrees whose heights are ten times the latitude, and a target on both sides of 180°.
  @Test(arguments: [Warp.Resampling.cubic, .average])
  func `a raster of the world is read across the antimeridian`(resampling: Warp.Resampling) throws {
    let world = try raster(
      GeoTransform([-180, 0.1, 0, 60, 0, -0.1]), crs: "EPSG:4326", width: 3600, height: 100
    ) { row, _ in Float(10 * (60 - 0.1 * (Double(row) + 0.5))) }
    let zone60 = try CRS("EPSG:32660")
    let target = Grid(
      width: 12, height: 6, geoTransform: GeoTransform([631_000, 10_000, 0, 6_130_000, 0, -10_000]))
    let edges = try CRS("EPSG:4326").bounds(
      of: Bounds(minX: 631_000, minY: 6_070_000, maxX: 751_000, maxY: 6_130_000), from: zone60)
    #expect(edges.minX > edges.maxX, "the target crosses 180°")
    let values = try Warp.values(
      Dataset(reading: world), onto: target, crs: zone60, by: resampling)
    #expect(values.allSatisfy { (545...553.5).contains($0) }, "\(values)")
  }
}

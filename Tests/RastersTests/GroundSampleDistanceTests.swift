import Foundation
import Grids
import Rasters
import TestSupport
import Testing

@Suite struct GroundSampleDistanceTests {
  /// Measures a raster of 100 x 100 pixels whose center lies at (x, y).
  private func distance(
    _ crs: String, x: Double, y: Double, step: (Double, Double, Double, Double)
  ) throws -> GroundSampleDistance? {
    let (columnX, rowX, columnY, rowY) = step
    let transform = GeoTransform([
      x - 50 * (columnX + rowX), columnX, rowX, y - 50 * (columnY + rowY), columnY, rowY,
    ])
    return try measure(Georeferencing(geoTransform: transform, crs: try CRS(crs)))
  }

  private func measure(_ georeferencing: Georeferencing) throws -> GroundSampleDistance? {
    let path = try makeRaster(
      width: 100, height: 100, bands: [[Float](repeating: 0, count: 10_000)], type: "Byte"
    ) { try $0.setGeoreferencing(georeferencing) }
    return try Dataset(reading: path).groundSampleDistance()
  }

  @Test func `on the central meridian of UTM, a map meter is 1 / 0.9996 meters`() throws {
    let found = try #require(
      try distance("EPSG:32633", x: 500_000, y: 5_300_000, step: (10, 0, 0, -20)))
    #expect(abs(found.x - 10 / 0.9996) < 1e-6)
    #expect(abs(found.y - 20 / 0.9996) < 1e-6)
    #expect(abs(found.mean - (found.x * found.y).squareRoot()) < 1e-12)
  }

  @Test(arguments: [0.0, 30, 60, 80])
  func `degrees of longitude and latitude match the ellipsoid's radii of curvature`(
    latitude: Double
  ) throws {
    let step = 1e-4
    let found = try #require(
      try distance("EPSG:4326", x: 10, y: latitude, step: (step, 0, 0, -step)))
    // Radii of curvature of WGS 84: exact for the ellipsoid, not for a sphere.
    let (a, e2, phi) = (6_378_137.0, 0.006_694_379_990_14, latitude * .pi / 180)
    let w = (1 - e2 * sin(phi) * sin(phi)).squareRoot()
    let radian = step * .pi / 180
    #expect(abs(found.x - a / w * cos(phi) * radian) < 1e-6)
    #expect(abs(found.y - a * (1 - e2) / (w * w * w) * radian) < 1e-6)
  }

  @Test func `at latitude 60, a meter of Web Mercator is half a meter`() throws {
    let y = 8_399_737.889_818_36  // 60° N
    let found = try #require(try distance("EPSG:3857", x: 0, y: y, step: (10, 0, 0, -10)))
    #expect(abs(found.mean - 5) < 0.03)  // apart from the ellipsoid's flattening
  }

  @Test func `rotating a raster does not change its pixel size`() throws {
    let (c, s) = (10 * cos(0.5), 10 * sin(0.5))
    let found = try #require(
      try distance("EPSG:32633", x: 500_000, y: 5_300_000, step: (c, s, s, -c)))
    #expect(abs(found.x - 10 / 0.9996) < 1e-5)
    #expect(abs(found.y - 10 / 0.9996) < 1e-5)
  }

  @Test func `a CRS in feet is converted to meters`() throws {
    let crs = "+proj=utm +zone=33 +ellps=WGS84 +units=ft"
    let found = try #require(
      try distance(crs, x: 500_000 / 0.3048, y: 5_300_000 / 0.3048, step: (1, 0, 0, -1)))
    #expect(abs(found.mean - 0.3048 / 0.9996) < 1e-8)
  }

  @Test func `a raster of Mars is measured on the ellipsoid of Mars`() throws {
    let mars = "+proj=longlat +a=3396190 +b=3396190 +no_defs"
    let found = try #require(try distance(mars, x: 10, y: 0, step: (0.001, 0, 0, -0.001)))
    #expect(abs(found.x - 3_396_190 * 0.001 * .pi / 180) < 1e-6)
  }

  @Test func `a compound CRS is measured in its horizontal part`() throws {
    let found = try #require(
      try distance("EPSG:32633+5773", x: 500_000, y: 5_300_000, step: (10, 0, 0, -10)))
    #expect(abs(found.mean - 10 / 0.9996) < 1e-6)
  }

  @Test func `ground control points give the same size as the equivalent transform`() throws {
    let transform = GeoTransform([499_500, 10, 0, 5_300_500, 0, -10])
    let utm = try CRS("EPSG:32633")
    let points = [(0.0, 0.0), (100, 0), (0, 100), (100, 100)].map { column, row in
      let place = transform.map(column: column, row: row)
      return GroundControlPoint(column: column, row: row, x: place.x, y: place.y)
    }
    let found = try #require(
      try measure(Georeferencing(groundControlPoints: points, groundControlCRS: utm)))
    #expect(abs(found.mean - 10 / 0.9996) < 1e-6)
  }

  @Test func `an RPC model gives the size by its polynomials`() throws {
    // 300 columns are 0.03° of longitude and 250 rows 0.025° of latitude about 47° N.
    let found = try #require(
      try measure(Georeferencing(rationalPolynomials: rationalPolynomials)))
    #expect(abs(found.x - 7.6) < 0.05)
    #expect(abs(found.y - 11.12) < 0.02)
  }

  @Test func `without a CRS or without georeferencing there is no pixel size`() throws {
    #expect(try measure(Georeferencing()) == nil)
    #expect(try measure(Georeferencing(geoTransform: southUp)) == nil)
  }

  @Test(arguments: [("EPSG:3067", 400_000.0, 7_200_000.0, 30.0), ("EPSG:4326", 25, 65, 0.0003)])
  func `a driver that returns its CRS with swapped axes gives the same size as others`(
    crs: String, x: Double, y: Double, step: Double
  ) throws {
    try withTemporaryDirectory { folder in
      let georeferencing = Georeferencing(
        geoTransform: GeoTransform([x, step, 0, y, 0, -step]), crs: try CRS(crs))
      let pixels = [[Float](repeating: 1, count: 400)]
      let sizes = try ["GTiff", "Zarr"].map { driver in
        let path = try makeRaster(
          at: "\(folder)/\(driver)", width: 20, height: 20, bands: pixels, type: "Byte",
          driver: driver
        ) { try $0.setGeoreferencing(georeferencing) }
        return try Dataset(reading: path).groundSampleDistance()
      }
      let (tiff, zarr) = try (#require(sizes[0]), #require(sizes[1]))
      #expect(abs(tiff.x - zarr.x) < 1e-6 && abs(tiff.y - zarr.y) < 1e-6)
      #expect(abs(tiff.y - (crs == "EPSG:3067" ? 30 : 33.4)) < 0.1)
    }
  }

  @Test func `a compound CRS of a national datum is measured in its horizontal part`() throws {
    let found = try #require(
      try distance("EPSG:7415", x: 155_000, y: 463_000, step: (10, 0, 0, -10)))
    #expect(abs(found.mean - 10) < 0.01)
  }

  @Test(arguments: ["EPSG:4326", "EPSG:4979", "EPSG:32633"])
  func `the error for coordinates that do not fit their CRS contains both`(crs: String) throws {
    let error = #expect(throws: RasterError.self) {
      try distance(crs, x: 202_400_000, y: 279_610_000, step: (30, 0, 0, -30))
    }
    let text = try #require(error?.description)
    #expect(error?.kind == .badData)
    #expect(text.contains("202400000, 279610000") && text.contains(crs) && !text.contains("nan"))
  }

  @Test func `a center off the Earth is an error with the path of the file`() throws {
    let error = #expect(throws: RasterError.self) {
      try distance(
        "+proj=geos +h=35785831 +ellps=WGS84", x: 7_000_000, y: 0, step: (10, 0, 0, -10))
    }
    #expect(error?.kind == .badData)
    #expect(error?.message.contains("/vsimem/") == true)
  }
}

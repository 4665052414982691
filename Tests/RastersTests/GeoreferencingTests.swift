import Grids
import Rasters
import TestSupport
import Testing

let rotated = GeoTransform([500_000.1, 3, 0.7, 4_100_000.3, 0.9, -2.9])
let southUp = GeoTransform([-7.1, 0.1, 0, 40.3, 0, 0.1])
let controlPoints = [
  GroundControlPoint(id: "a", column: 0.5, row: 0.5, x: 10, y: 50, z: 3),
  GroundControlPoint(id: "b", column: 9.5, row: 0.5, x: 10.1, y: 50.01),
  GroundControlPoint(id: "c", info: "a church", column: 0.5, row: 7.5, x: 10.01, y: 49.9),
  GroundControlPoint(id: "d", column: 9.5, row: 7.5, x: 10.11, y: 49.91),
]

/// The RPC model of a nadir-looking camera above (11° E, 47° N): column ~ longitude, row ~ -latitude.
let rationalPolynomials: [String: String] = {
  func polynomial(_ coefficients: [Int: Double]) -> String {
    (0..<20).map { "\(coefficients[$0] ?? 0)" }.joined(separator: " ")
  }
  return [
    "LINE_OFF": "250", "SAMP_OFF": "300", "LINE_SCALE": "250", "SAMP_SCALE": "300",
    "LAT_OFF": "47", "LAT_SCALE": "0.025", "LONG_OFF": "11", "LONG_SCALE": "0.03",
    "HEIGHT_OFF": "700", "HEIGHT_SCALE": "500", "ERR_BIAS": "1", "ERR_RAND": "0.5",
    "LINE_NUM_COEFF": polynomial([2: -1]), "LINE_DEN_COEFF": polynomial([0: 1]),
    "SAMP_NUM_COEFF": polynomial([1: 1]), "SAMP_DEN_COEFF": polynomial([0: 1]),
  ]
}()

@Suite struct GeoreferencingTests {
  private func reread(_ georeferencing: Georeferencing) throws -> Georeferencing {
    let path = try makeRaster(width: 10, height: 8, bands: [[Float](repeating: 1, count: 80)]) {
      try $0.setGeoreferencing(georeferencing)
    }
    return try Dataset(reading: path).georeferencing
  }

  @Test(arguments: [
    rotated, southUp, GeoTransform([440_720, 60, 0, 3_751_320, 0, -60]),
    GeoTransform([1 / 3.0, 1 / 7.0, 0, -1 / 11.0, 0, -1 / 13.0]),
  ])
  func `a geotransform survives bit for bit`(transform: GeoTransform) throws {
    let found = try reread(Georeferencing(geoTransform: transform, crs: try CRS("EPSG:32612")))
    #expect(found.geoTransform == transform)
    #expect(found.kind == .map)
  }

  @Test func `ground control points survive with their CRS`() throws {
    let wgs84 = try CRS("EPSG:4326")
    let found = try reread(
      Georeferencing(groundControlPoints: controlPoints, groundControlCRS: wgs84))
    #expect(found.kind == .groundControl)
    #expect(found.geoTransform == nil && found.crs == nil)
    #expect(
      found.groundControlPoints.map { [$0.column, $0.row, $0.x, $0.y, $0.z] }
        == controlPoints.map { [$0.column, $0.row, $0.x, $0.y, $0.z] })
    #expect(found.groundControlCRS?.isSame(as: wgs84) == true)
  }

  @Test func `rational polynomials survive numerically`() throws {
    let found = try reread(Georeferencing(rationalPolynomials: rationalPolynomials))
    #expect(found.kind == .rationalPolynomial)
    func numbers(_ model: [String: String]) -> [String: [Double?]] {
      model.mapValues { $0.split(separator: " ").map { Double($0) } }
    }
    let expected = numbers(rationalPolynomials)
    #expect(numbers(found.rationalPolynomials).filter { expected[$0.key] != nil } == expected)
  }

  @Test func `a raster without georeferencing has none after a round trip`() throws {
    let found = try reread(Georeferencing())
    #expect(found == Georeferencing(areaOrPoint: found.areaOrPoint))
    #expect(found.kind == .none)
  }

  @Test func `a raster of points keeps the corner of its first pixel`() throws {
    let transform = GeoTransform([100, 10, 0, 200, 0, -10])
    let found = try reread(
      Georeferencing(geoTransform: transform, crs: try CRS("EPSG:32633"), areaOrPoint: "Point"))
    #expect(found.areaOrPoint == "Point")
    #expect(found.geoTransform == transform)
  }

  @Test func `cropping to a window at the origin changes nothing`() throws {
    let whole = Georeferencing(
      geoTransform: rotated, groundControlPoints: controlPoints,
      rationalPolynomials: rationalPolynomials)
    #expect(whole.cropped(to: Window(column: 0, row: 0, width: 4, height: 4)) == whole)
  }

  @Test func `cropping preserves the position of each pixel`() throws {
    let whole = Georeferencing(
      geoTransform: rotated, groundControlPoints: controlPoints,
      rationalPolynomials: rationalPolynomials)
    let part = whole.cropped(to: Window(column: 3, row: 2, width: 4, height: 4))
    let (before, after) = (
      rotated.map(column: 5.5, row: 4.5), part.geoTransform?.map(column: 2.5, row: 2.5)
    )
    #expect(abs((after?.x ?? 0) - before.x) < 1e-9 && abs((after?.y ?? 0) - before.y) < 1e-9)
    #expect(part.groundControlPoints.map(\.column) == controlPoints.map { $0.column - 3 })
    #expect(part.groundControlPoints.map(\.row) == controlPoints.map { $0.row - 2 })
    #expect(part.groundControlPoints.map(\.x) == controlPoints.map(\.x))
    #expect(part.rationalPolynomials["SAMP_OFF"] == "297.0")
    #expect(part.rationalPolynomials["LINE_OFF"] == "248.0")
    #expect(part.rationalPolynomials["LAT_OFF"] == "47")
  }

  @Test func `an RPC offset with a plus sign and a unit is shifted too`() {
    let whole = Georeferencing(rationalPolynomials: ["LINE_OFF": "+001234.50 pixels"])
    let part = whole.cropped(to: Window(column: 1, row: 4, width: 2, height: 2))
    #expect(part.rationalPolynomials["LINE_OFF"] == "1230.5")
  }
}

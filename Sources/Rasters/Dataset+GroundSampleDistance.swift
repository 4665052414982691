import CGDAL
import CPROJ
import Grids

/// The ground sample distance: the size of a pixel on the ground, in meters.
public struct GroundSampleDistance: Sendable, Hashable {
  /// Distance between adjacent columns.
  public var x: Double
  /// Distance between adjacent rows.
  public var y: Double

  /// Creates a ground sample distance from two distances in meters.
  public init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }

  /// The geometric mean of both distances: the side of a square of area `x * y`.
  public var mean: Double { (x * y).squareRoot() }
}

extension Dataset {
  /// Measures the size of the pixel at the center of the raster on the ellipsoid.
  ///
  /// The pixel edges around the center are transformed to longitude and latitude in the datum of the CRS, on any
  /// planet, by the geotransform, the ground control points or the RPC model (at its mean height). The result is the
  /// length of the geodesics between them. Degrees and Web Mercator, whose meters are not true meters, need no special
  /// case.
  ///
  /// - Returns: nil if the raster is not georeferenced, or its units are unknown (a geotransform without a CRS).
  /// - Throws: `.badData` if the center cannot be located on the ellipsoid.
  public borrowing func groundSampleDistance() throws(RasterError) -> GroundSampleDistance? {
    guard let (horizontal, geographic) = try positionSystems() else { return nil }
    let (column, row) = (Double(width) / 2, Double(height) / 2)
    let center = georeferencing.geoTransform?.map(column: column, row: row)
    if let center, horizontal?.isGeographic == true,
      !(abs(center.y) <= 90) || !(abs(center.x) <= 720)
    {
      throw positionError(center, horizontal, because: [])
    }
    let edges = [
      (column - 0.5, row), (column + 0.5, row), (column, row - 0.5), (column, row + 0.5),
    ]
    let places: [(x: Double, y: Double)]
    do {
      places = try longitudesAndLatitudes(of: edges, in: geographic, from: horizontal)
    } catch {
      guard error.kind == .badData else { throw error }
      throw positionError(center, horizontal, because: [error.message] + error.earlier)
    }
    var ellipsoid = geod_geodesic()
    geographic.withHandle { handle in
      let axis = OSRGetSemiMajor(handle, nil)
      let inverse = OSRGetInvFlattening(handle, nil)
      geod_init(&ellipsoid, axis, inverse == 0 ? 0 : 1 / inverse)  // 0 means a sphere
    }
    func distance(_ a: (x: Double, y: Double), _ b: (x: Double, y: Double)) -> Double {
      var meters = 0.0
      geod_inverse(&ellipsoid, a.y, a.x, b.y, b.x, &meters, nil, nil)
      return meters
    }
    let result = GroundSampleDistance(
      x: distance(places[0], places[1]), y: distance(places[2], places[3]))
    guard result.x > 0, result.y > 0, result.mean.isFinite else {
      throw positionError(center, horizontal, because: [])
    }
    return result
  }

  /// Returns the error for a raster whose center cannot be located or has no pixel size.
  private borrowing func positionError(
    _ center: (x: Double, y: Double)?, _ crs: CRS?, because earlier: [String]
  ) -> RasterError {
    guard let center, let crs else {
      return RasterError(
        .badData,
        "\(path): its ground control points or RPC model do not place its center on the ground",
        earlier: earlier)
    }
    let place = [center.x, center.y].map { CoordinateText($0).text }.joined(separator: ", ")
    let name = [crs.authority, crs.name].compactMap { $0 }.joined(separator: ", ")
    return RasterError(
      .badData,
      "\(path): its center, \(place), is not a valid "
        + (crs.isGeographic ? "longitude and latitude" : "position in its CRS")
        + ": the CRS (\(name)) and the geotransform do not fit together",
      earlier: earlier)
  }

  /// Returns the horizontal part of the raster's CRS and the geographic CRS of its datum.
  ///
  /// The first is nil for an RPC model. The result is nil if there is no CRS.
  borrowing func positionSystems() throws(RasterError) -> (horizontal: CRS?, CRS)? {
    let crs: CRS?
    switch georeferencing.kind {
    case .map: crs = georeferencing.crs
    case .groundControl: crs = georeferencing.groundControlCRS
    case .rationalPolynomial: crs = try CRS("OGC:CRS84")  // RPC models refer to WGS 84
    case .none: crs = nil
    }
    guard let crs = try crs?.horizontal else { return nil }
    let outcome: Result<CRS?, RasterError> = crs.withHandle { handle in
      guard let geographic = logging({ OSRCloneGeogCS(handle) }).value else {
        return .success(nil)  // an engineering CRS, which has no ellipsoid
      }
      defer { OSRDestroySpatialReference(geographic) }
      return Result { () throws(RasterError) in try CRS(geographic) }
    }
    guard let geographic = try outcome.get() else { return nil }
    return (georeferencing.kind == .rationalPolynomial ? nil : crs, geographic)
  }

  /// Transforms pixel positions to longitude and latitude in degrees.
  ///
  /// - Throws: `.badData` if a position cannot be transformed.
  borrowing func longitudesAndLatitudes(
    of pixels: [(column: Double, row: Double)], in geographic: CRS, from horizontal: CRS?
  ) throws(RasterError) -> [(x: Double, y: Double)] {
    let subject = "\(path): position on the ground"
    let method =
      switch georeferencing.kind {
      case .map, .none: "GEOTRANSFORM"
      case .groundControl: "GCP_POLYNOMIAL"
      case .rationalPolynomial: "RPC"
      }
    var items = [
      "DST_SRS": geographic.wkt, "METHOD": method,
      "RPC_HEIGHT": georeferencing.rationalPolynomials["HEIGHT_OFF"] ?? "0",
    ]
    // The dataset's own CRS may have another axis order than the x and y of its geotransform.
    if let horizontal { items["SRC_SRS"] = horizontal.wkt }
    let options = StringList(items)
    let transformer = try gdal(.reading, subject) {
      GDALCreateGenImgProjTransformer2(handle.pointer, nil, options.pointer)
    }
    defer { GDALDestroyGenImgProjTransformer(transformer) }
    var x = pixels.map(\.column)
    var y = pixels.map(\.row)
    var z = [Double](repeating: 0, count: pixels.count)
    var succeeded = [Int32](repeating: 0, count: pixels.count)
    try gdal(.reading, subject) {
      let all = GDALGenImgProjTransform(
        transformer, 0, Int32(pixels.count), &x, &y, &z, &succeeded)
      return all != 0 && succeeded.allSatisfy { $0 != 0 } ? CE_None : CE_Failure
    }
    return Array(zip(x, y))
  }
}

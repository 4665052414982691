import CGDAL
import CPROJ
import Grids

/// The size of a pixel on the ground, in metres.
public struct GroundSampleDistance: Sendable, Hashable {
  /// From one column to the next.
  public var x: Double
  /// From one row to the next.
  public var y: Double

  /// From two distances in metres.
  public init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }

  /// The side of a square as large as the pixel's two steps would span: their geometric mean.
  public var mean: Double { (x * y).squareRoot() }
}

extension Dataset {
  /// Measures a pixel on the ellipsoid, at the centre of the raster.
  ///
  /// Pixel edges around the centre are taken to longitude and latitude of the CRS's own datum, on whatever planet, by
  /// geotransform, ground control points or RPC model (at its mean height), and the geodesics between them
  /// measured. So Web Mercator's metre, which is not one, and degrees need no special case.
  ///
  /// - Returns: nil when nothing says where the raster lies, or in which units (a geotransform without CRS).
  /// - Throws: `.badData` when the centre has no place on the ellipsoid.
  public borrowing func groundSampleDistance() throws(RasterError) -> GroundSampleDistance? {
    guard let (horizontal, geographic) = try positionSystems() else { return nil }
    let (column, row) = (Double(width) / 2, Double(height) / 2)
    let centre = georeferencing.geoTransform?.map(column: column, row: row)
    if let centre, horizontal?.isGeographic == true,
      !(abs(centre.y) <= 90) || !(abs(centre.x) <= 720)
    {
      throw misplaced(centre, horizontal, because: [])
    }
    let edges = [
      (column - 0.5, row), (column + 0.5, row), (column, row - 0.5), (column, row + 0.5),
    ]
    let places: [(x: Double, y: Double)]
    do {
      places = try longitudesAndLatitudes(of: edges, in: geographic, from: horizontal)
    } catch {
      guard error.kind == .badData else { throw error }
      throw misplaced(centre, horizontal, because: [error.message] + error.earlier)
    }
    var ellipsoid = geod_geodesic()
    geographic.withHandle { handle in
      let axis = OSRGetSemiMajor(handle, nil)
      let inverse = OSRGetInvFlattening(handle, nil)
      geod_init(&ellipsoid, axis, inverse == 0 ? 0 : 1 / inverse)  // 0 stands for a sphere
    }
    func distance(_ a: (x: Double, y: Double), _ b: (x: Double, y: Double)) -> Double {
      var metres = 0.0
      geod_inverse(&ellipsoid, a.y, a.x, b.y, b.x, &metres, nil, nil)
      return metres
    }
    let result = GroundSampleDistance(
      x: distance(places[0], places[1]), y: distance(places[2], places[3]))
    guard result.x > 0, result.y > 0, result.mean.isFinite else {
      throw misplaced(centre, horizontal, because: [])
    }
    return result
  }

  /// What is wrong where the centre lies at no place that has a size.
  private borrowing func misplaced(
    _ centre: (x: Double, y: Double)?, _ crs: CRS?, because earlier: [String]
  ) -> RasterError {
    guard let centre, let crs else {
      return RasterError(
        .badData,
        "\(path): its control points or camera model put its centre at no place on the ground",
        earlier: earlier)
    }
    let place = [centre.x, centre.y].map { CoordinateText($0).text }.joined(separator: ", ")
    let name = [crs.authority, crs.name].compactMap { $0 }.joined(separator: ", ")
    return RasterError(
      .badData,
      "\(path): its centre, \(place), is no "
        + (crs.isGeographic ? "longitude and latitude" : "place in its CRS")
        + ": CRS (\(name)) and geotransform do not fit",
      earlier: earlier)
  }

  /// The horizontal part of the raster's CRS (nil for an RPC model), and the longitude and latitude that go with it;
  /// nil where there is no CRS.
  borrowing func positionSystems() throws(RasterError) -> (horizontal: CRS?, CRS)? {
    let crs: CRS?
    switch georeferencing.kind {
    case .map: crs = georeferencing.crs
    case .groundControl: crs = georeferencing.groundControlCRS
    case .rationalPolynomial: crs = try CRS("OGC:CRS84")  // RPC models speak of WGS 84
    case .none: crs = nil
    }
    guard let crs = try crs?.horizontal else { return nil }
    let outcome: Result<CRS?, RasterError> = crs.withHandle { handle in
      guard let geographic = logging({ OSRCloneGeogCS(handle) }).value else {
        return .success(nil)  // an engineering CRS: a place on no ellipsoid
      }
      defer { OSRDestroySpatialReference(geographic) }
      return Result { () throws(RasterError) in try CRS(geographic) }
    }
    guard let geographic = try outcome.get() else { return nil }
    return (georeferencing.kind == .rationalPolynomial ? nil : crs, geographic)
  }

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
    // The dataset's own CRS may come with an axis order of its own, beside a geotransform of x and y.
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

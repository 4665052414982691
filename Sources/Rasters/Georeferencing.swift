import CGDAL
public import Grids

/// A pixel position whose place on the ground is known.
public struct GroundControlPoint: Hashable, Sendable {
  /// The name of the point; often empty.
  public var id: String
  /// A remark on the point; often empty.
  public var info: String
  /// Column and row, with (0.5, 0.5) the centre of the first pixel.
  public var column: Double
  /// The row, downward from the upper edge.
  public var row: Double
  /// The position in the CRS of the points, to the east.
  public var x: Double
  /// The position in the CRS of the points, to the north.
  public var y: Double
  /// The height, in whatever unit the points have; 0 where it is not known.
  public var z: Double

  public init(
    id: String = "", info: String = "", column: Double, row: Double, x: Double, y: Double,
    z: Double = 0
  ) {
    self.id = id
    self.info = info
    self.column = column
    self.row = row
    self.x = x
    self.y = y
    self.z = z
  }
}

/// Everything that a raster says about where its pixels lie.
public struct Georeferencing: Sendable, Equatable {
  /// The affine map from pixels to the CRS; nil where there is none.
  public var geoTransform: GeoTransform?
  /// The system of the geotransform.
  public var crs: CRS?
  /// Pixels whose places are known; empty where there are none.
  public var groundControlPoints: [GroundControlPoint]
  /// The system of the control points.
  public var groundControlCRS: CRS?
  /// GDAL's `RPC` metadata domain: the coefficients of a rational polynomial camera model, as text.
  public var rationalPolynomials: [String: String]
  /// "Area" or "Point" where the file says whether a sample stands for its pixel or for the pixel's centre.
  ///
  /// The geotransform speaks of pixel corners in either case.
  public var areaOrPoint: String?

  public init(
    geoTransform: GeoTransform? = nil, crs: CRS? = nil,
    groundControlPoints: [GroundControlPoint] = [], groundControlCRS: CRS? = nil,
    rationalPolynomials: [String: String] = [:], areaOrPoint: String? = nil
  ) {
    self.geoTransform = geoTransform
    self.crs = crs
    self.groundControlPoints = groundControlPoints
    self.groundControlCRS = groundControlCRS
    self.rationalPolynomials = rationalPolynomials
    self.areaOrPoint = areaOrPoint
  }

  /// The metadata domain in which a map raster written here keeps its control points: a GeoTIFF with a
  /// transform has no other place for them.
  public static let groundControlDomain = "GROUND_CONTROL_POINTS"

  /// The control points as metadata: one item a point, of column, row, x, y and z, and their CRS.
  public var groundControlMetadata: [String: String] {
    guard kind == .map, !groundControlPoints.isEmpty else { return [:] }
    var items = groundControlCRS.map { ["CRS": $0.wkt] } ?? [:]
    for (index, point) in groundControlPoints.enumerated() {
      let numbers = [point.column, point.row, point.x, point.y, point.z].map(\.description)
      items["POINT_\(index + 1)"] = numbers.joined(separator: " ")
    }
    return items
  }

  /// The ways in which a raster can say where it lies.
  public enum Kind: Sendable, Hashable {
    case map, groundControl, rationalPolynomial, none
  }

  /// The best of what there is, in the order in which GDAL would use it.
  public var kind: Kind {
    if geoTransform != nil { return .map }
    if !groundControlPoints.isEmpty { return .groundControl }
    return rationalPolynomials.isEmpty ? .none : .rationalPolynomial
  }

  /// The same for a window of the raster.
  ///
  /// The transform's origin, the control points' columns and rows, and the RPC model's offsets are moved. A
  /// window at (0, 0) gives the same values, bit for bit and letter by letter.
  public func cropped(to window: Window) -> Georeferencing {
    guard window.column != 0 || window.row != 0 else { return self }
    var result = self
    result.geoTransform = geoTransform?.shifted(to: window)
    for index in result.groundControlPoints.indices {
      result.groundControlPoints[index].column -= Double(window.column)
      result.groundControlPoints[index].row -= Double(window.row)
    }
    for (key, shift) in [("SAMP_OFF", window.column), ("LINE_OFF", window.row)] {
      guard let text = rationalPolynomials[key] else { continue }
      // Some vendors write "+00123.0 pixels"; CPLAtof reads what GDAL's own RPC model reads.
      result.rationalPolynomials[key] = "\(CPLAtof(text) - Double(shift))"
    }
    return result
  }
}

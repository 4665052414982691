import CGDAL
public import Grids

/// A ground control point: a pixel position whose map coordinates are known.
public struct GroundControlPoint: Hashable, Sendable {
  /// The name of the point; often empty.
  public var id: String
  /// A remark on the point; often empty.
  public var info: String
  /// The column; (0.5, 0.5) is the center of the first pixel.
  public var column: Double
  /// The row, downward from the upper edge.
  public var row: Double
  /// The x coordinate in the CRS of the points, to the east.
  public var x: Double
  /// The y coordinate in the CRS of the points, to the north.
  public var y: Double
  /// The height in the unit of the points; 0 if it is unknown.
  public var z: Double

  /// Creates a ground control point.
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

/// The georeferencing of a raster: geotransform, ground control points and RPC model.
public struct Georeferencing: Sendable, Equatable {
  /// The affine transform from pixels to the CRS; nil if there is none.
  public var geoTransform: GeoTransform?
  /// The CRS of the geotransform.
  public var crs: CRS?
  /// The ground control points; empty if there are none.
  public var groundControlPoints: [GroundControlPoint]
  /// The CRS of the ground control points.
  public var groundControlCRS: CRS?
  /// GDAL's `RPC` metadata domain: the coefficients of a rational polynomial camera model, as text.
  public var rationalPolynomials: [String: String]
  /// "Area" if a sample represents its whole pixel, "Point" if it represents the pixel's center; nil if unspecified.
  ///
  /// The geotransform refers to pixel corners in either case.
  public var areaOrPoint: String?

  /// Creates a georeferencing.
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

  /// The metadata domain in which outputs with a geotransform keep their ground control points.
  ///
  /// A GeoTIFF with a geotransform has no other place for them.
  public static let groundControlDomain = "GROUND_CONTROL_POINTS"

  /// The ground control points as metadata: one item per point with column, row, x, y and z, and their CRS.
  public var groundControlMetadata: [String: String] {
    guard kind == .map, !groundControlPoints.isEmpty else { return [:] }
    var items = groundControlCRS.map { ["CRS": $0.wkt] } ?? [:]
    for (index, point) in groundControlPoints.enumerated() {
      let numbers = [point.column, point.row, point.x, point.y, point.z].map(\.description)
      items["POINT_\(index + 1)"] = numbers.joined(separator: " ")
    }
    return items
  }

  /// The kinds of georeferencing.
  public enum Kind: Sendable, Hashable {
    /// A geotransform.
    case map
    /// Ground control points.
    case groundControl
    /// A rational polynomial camera (RPC) model.
    case rationalPolynomial
    /// No georeferencing.
    case none
  }

  /// The preferred kind of those available, in GDAL's order of preference.
  public var kind: Kind {
    if geoTransform != nil { return .map }
    if !groundControlPoints.isEmpty { return .groundControl }
    return rationalPolynomials.isEmpty ? .none : .rationalPolynomial
  }

  /// Returns the georeferencing of a window of the raster.
  ///
  /// The origin of the transform, the columns and rows of the ground control points, and the offsets of the RPC model
  /// are adjusted. A window at (0, 0) gives identical values, including the text of the RPC model.
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

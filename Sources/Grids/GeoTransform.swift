/// An affine transform from pixel positions to map coordinates, with GDAL's six coefficients.
///
///     x = originX + column · columnX + row · rowX
///     y = originY + column · columnY + row · rowY
///
/// (0, 0) is the upper-left *corner* of the upper-left pixel. North-up grids have `rowX = columnY = 0` and a
/// negative `rowY`. South-up and rotated grids are supported too.
/// Source: GDAL raster data model, "Affine GeoTransform", <https://gdal.org/user/raster_data_model.html>.
public struct GeoTransform: Hashable, Sendable, Codable {
  /// The x coordinate of the upper-left corner of the grid.
  public var originX: Double
  /// The change in x from one column to the next.
  public var columnX: Double
  /// The change in x from one row to the next.
  public var rowX: Double
  /// The y coordinate of the upper-left corner of the grid.
  public var originY: Double
  /// The change in y from one column to the next.
  public var columnY: Double
  /// The change in y from one row to the next.
  public var rowY: Double

  /// Creates a transform from six coefficients in GDAL's order: originX, columnX, rowX, originY, columnY, rowY.
  public init(_ coefficients: [Double]) {
    precondition(coefficients.count == 6, "a geotransform has six coefficients")
    originX = coefficients[0]
    columnX = coefficients[1]
    rowX = coefficients[2]
    originY = coefficients[3]
    columnY = coefficients[4]
    rowY = coefficients[5]
  }

  /// The six coefficients in GDAL's order.
  public var coefficients: [Double] { [originX, columnX, rowX, originY, columnY, rowY] }

  /// The determinant of the linear part, in square map units; 0 if the transform is singular.
  public var determinant: Double { columnX * rowY - rowX * columnY }

  /// Returns the map coordinates of a pixel position; (0.5, 0.5) is the center of the first pixel.
  public func map(column: Double, row: Double) -> (x: Double, y: Double) {
    (originX + column * columnX + row * rowX, originY + column * columnY + row * rowY)
  }

  /// Returns the pixel position of map coordinates, or nil if the transform is singular.
  public func pixel(x: Double, y: Double) -> (column: Double, row: Double)? {
    guard determinant != 0, determinant.isFinite else { return nil }
    let (dx, dy) = (x - originX, y - originY)
    return ((dx * rowY - dy * rowX) / determinant, (dy * columnX - dx * columnY) / determinant)
  }

  /// Returns the transform of a grid that starts at the window's upper-left corner.
  ///
  /// A window at (0, 0) gives the same six coefficients, bit for bit.
  public func shifted(to window: Window) -> GeoTransform {
    guard window.column != 0 || window.row != 0 else { return self }
    var result = self
    (result.originX, result.originY) = map(column: Double(window.column), row: Double(window.row))
    return result
  }

  /// Returns the transform of a grid over the same area, with pixels `columns` times as wide and `rows` times as tall.
  public func scaled(columns: Double, rows: Double) -> GeoTransform {
    GeoTransform([
      originX, columnX * columns, rowX * rows, originY, columnY * columns, rowY * rows,
    ])
  }
}

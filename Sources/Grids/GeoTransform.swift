/// The affine map from pixel corners to map coordinates, with GDAL's six numbers.
///
///     x = originX + column · columnX + row · rowX
///     y = originY + column · columnY + row · rowY
///
/// (0, 0) is the upper left *corner* of the upper left pixel. North-up grids have `rowX = columnY = 0` and a
/// negative `rowY`; south-up and rotated ones are as welcome.
/// Source: GDAL raster data model, "Affine GeoTransform", <https://gdal.org/user/raster_data_model.html>.
public struct GeoTransform: Hashable, Sendable, Codable {
  public var originX: Double
  public var columnX: Double
  public var rowX: Double
  public var originY: Double
  public var columnY: Double
  public var rowY: Double

  /// From six coefficients in GDAL's order: originX, columnX, rowX, originY, columnY, rowY.
  public init(_ coefficients: [Double]) {
    precondition(coefficients.count == 6, "a geotransform has six coefficients")
    originX = coefficients[0]
    columnX = coefficients[1]
    rowX = coefficients[2]
    originY = coefficients[3]
    columnY = coefficients[4]
    rowY = coefficients[5]
  }

  /// The six numbers in GDAL's order.
  public var coefficients: [Double] { [originX, columnX, rowX, originY, columnY, rowY] }

  public var determinant: Double { columnX * rowY - rowX * columnY }

  /// The map position of a pixel position; (0.5, 0.5) is the centre of the first pixel.
  public func map(column: Double, row: Double) -> (x: Double, y: Double) {
    (originX + column * columnX + row * rowX, originY + column * columnY + row * rowY)
  }

  /// The pixel position of a map position, or nil where the transform is singular.
  public func pixel(x: Double, y: Double) -> (column: Double, row: Double)? {
    guard determinant != 0, determinant.isFinite else { return nil }
    let (dx, dy) = (x - originX, y - originY)
    return ((dx * rowY - dy * rowX) / determinant, (dy * columnX - dx * columnY) / determinant)
  }

  /// The transform of the grid that begins at the window's upper left corner.
  ///
  /// A window at (0, 0) gives the same six numbers, bit for bit.
  public func shifted(to window: Window) -> GeoTransform {
    guard window.column != 0 || window.row != 0 else { return self }
    var result = self
    (result.originX, result.originY) = map(column: Double(window.column), row: Double(window.row))
    return result
  }

  /// The transform of a grid over the same ground whose pixels are so many times wider and taller.
  public func scaled(columns: Double, rows: Double) -> GeoTransform {
    GeoTransform([
      originX, columnX * columns, rowX * rows, originY, columnY * columns, rowY * rows,
    ])
  }
}

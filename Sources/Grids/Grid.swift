/// The size of a raster and where its pixels lie on the map.
public struct Grid: Hashable, Sendable, Codable {
  /// Number of columns.
  public var width: Int
  /// Number of rows.
  public var height: Int
  /// The transform to map coordinates; nil if the raster has none (or only ground control points or an RPC model).
  public var geoTransform: GeoTransform?

  /// Creates a grid.
  ///
  /// - Precondition: `width` and `height` are positive.
  public init(width: Int, height: Int, geoTransform: GeoTransform? = nil) {
    precondition(width > 0 && height > 0, "a grid has at least one pixel")
    self.width = width
    self.height = height
    self.geoTransform = geoTransform
  }

  /// The whole grid as a window.
  public var window: Window { Window(column: 0, row: 0, width: width, height: height) }
  /// Number of pixels.
  public var pixelCount: Int { width * height }

  /// Returns the grid of a window of this grid, on the same pixel lattice.
  public func cropped(to window: Window) -> Grid {
    Grid(
      width: window.width, height: window.height, geoTransform: geoTransform?.shifted(to: window))
  }

  /// Returns a grid over the same area with another number of pixels.
  public func resampled(width: Int, height: Int) -> Grid {
    Grid(
      width: width, height: height,
      geoTransform: geoTransform?.scaled(
        columns: Double(self.width) / Double(width), rows: Double(self.height) / Double(height)))
  }

  /// Returns the smallest window whose pixels cover a rectangle in map coordinates.
  ///
  /// The window is not clipped to the grid. On a rotated grid it covers all four corners. A rectangle edge that lies
  /// within a millionth of a pixel of a pixel edge is treated as lying on it.
  ///
  /// - Returns: nil without an invertible geotransform, or if a corner is not finite or lies 10¹⁵ pixels or more away.
  public func window(coveringX x: ClosedRange<Double>, y: ClosedRange<Double>) -> Window? {
    guard let geoTransform else { return nil }
    var columns: [Double] = []
    var rows: [Double] = []
    for corner in [
      (x.lowerBound, y.lowerBound), (x.lowerBound, y.upperBound),
      (x.upperBound, y.lowerBound), (x.upperBound, y.upperBound),
    ] {
      guard let pixel = geoTransform.pixel(x: corner.0, y: corner.1) else { return nil }
      columns.append(pixel.column)
      rows.append(pixel.row)
    }
    guard let c = Self.cover(columns), let r = Self.cover(rows) else { return nil }
    return Window(column: c.lowerBound, row: r.lowerBound, width: c.count, height: r.count)
  }

  /// Returns the smallest range of integers that covers all `positions`.
  ///
  /// Nil if a position is not finite or lies beyond any raster.
  private static func cover(_ positions: [Double]) -> Range<Int>? {
    // In pixels: far above rounding errors in UTM coordinates, far below anything visible.
    let tolerance = 1e-6
    guard let low = positions.min(), let high = positions.max(),
      abs(low) < 1e15, abs(high) < 1e15
    else { return nil }
    let first = Int((low + tolerance).rounded(.down))
    return first..<max(first, Int((high - tolerance).rounded(.up)))
  }
}

extension Grid {
  /// Decodes a grid.
  ///
  /// - Throws: `DecodingError` if the grid has no pixels.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    width = try container.decode(Int.self, forKey: .width)
    height = try container.decode(Int.self, forKey: .height)
    geoTransform = try container.decodeIfPresent(GeoTransform.self, forKey: .geoTransform)
    guard width > 0, height > 0 else {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath,
          debugDescription: "the grid has \(width) × \(height) pixels, expected at least 1 × 1"))
    }
  }
}

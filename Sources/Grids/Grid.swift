/// The size of a raster and where its pixels lie on the map.
public struct Grid: Hashable, Sendable, Codable {
  public var width: Int
  public var height: Int
  /// Nil where the raster has none (or only ground control points or an RPC model).
  public var geoTransform: GeoTransform?

  public init(width: Int, height: Int, geoTransform: GeoTransform? = nil) {
    precondition(width > 0 && height > 0, "a grid has at least one pixel")
    self.width = width
    self.height = height
    self.geoTransform = geoTransform
  }

  /// The whole grid as a window.
  public var window: Window { Window(column: 0, row: 0, width: width, height: height) }
  public var pixelCount: Int { width * height }

  /// The grid of one of its windows, on the same pixel lattice.
  public func cropped(to window: Window) -> Grid {
    Grid(
      width: window.width, height: window.height, geoTransform: geoTransform?.shifted(to: window))
  }

  /// The grid over the same ground with another number of pixels.
  public func resampled(width: Int, height: Int) -> Grid {
    Grid(
      width: width, height: height,
      geoTransform: geoTransform?.scaled(
        columns: Double(self.width) / Double(width), rows: Double(self.height) / Double(height)))
  }

  /// The smallest window whose pixels cover a rectangle in map coordinates, unclipped.
  ///
  /// On a rotated grid it covers all four corners. A rectangle whose edge lies within a millionth of a pixel
  /// of a pixel's edge is taken to end there. Nil without a (regular) geotransform.
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

  /// The whole numbers around all of `positions`, or nil where they are not finite or beyond any raster.
  private static func cover(_ positions: [Double]) -> Range<Int>? {
    // Of a pixel: far above rounding in UTM coordinates, far below what anyone can see.
    let tolerance = 1e-6
    guard let low = positions.min(), let high = positions.max(),
      abs(low) < 1e15, abs(high) < 1e15
    else { return nil }
    let first = Int((low + tolerance).rounded(.down))
    return first..<max(first, Int((high - tolerance).rounded(.up)))
  }
}

extension Grid {
  /// - Throws: `DecodingError` for one without a pixel.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    width = try container.decode(Int.self, forKey: .width)
    height = try container.decode(Int.self, forKey: .height)
    geoTransform = try container.decodeIfPresent(GeoTransform.self, forKey: .geoTransform)
    guard width > 0, height > 0 else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "a grid has at least one pixel"))
    }
  }
}

package import Grids

/// A rectangle in map coordinates, with x to the east (longitude) and y to the north (latitude).
///
/// In geographic coordinates, `minX > maxX` if the rectangle crosses the antimeridian.
public struct Bounds: Hashable, Sendable {
  /// The western edge.
  public var minX: Double
  /// The southern edge.
  public var minY: Double
  /// The eastern edge.
  public var maxX: Double
  /// The northern edge.
  public var maxY: Double

  /// Creates bounds from four edges, in the order of GDAL and of GeoJSON bounding boxes.
  public init(minX: Double, minY: Double, maxX: Double, maxY: Double) {
    self.minX = minX
    self.minY = minY
    self.maxX = maxX
    self.maxY = maxY
  }
}

extension GeoTransform {
  /// The rectangle that contains all corners of a grid of a size.
  package func bounds(width: Int, height: Int) -> Bounds {
    let corners = [(0, 0), (width, 0), (0, height), (width, height)].map {
      map(column: Double($0.0), row: Double($0.1))
    }
    return corners.reduce(
      Bounds(minX: corners[0].x, minY: corners[0].y, maxX: corners[0].x, maxY: corners[0].y)
    ) { bounds, corner in
      Bounds(
        minX: min(bounds.minX, corner.x), minY: min(bounds.minY, corner.y),
        maxX: max(bounds.maxX, corner.x), maxY: max(bounds.maxY, corner.y))
    }
  }
}

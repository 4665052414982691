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

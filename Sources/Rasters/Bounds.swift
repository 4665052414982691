/// A rectangle in map coordinates, x to the east (longitude) and y to the north (latitude).
///
/// In geographic coordinates `minX > maxX` where the rectangle crosses the antimeridian.
public struct Bounds: Hashable, Sendable {
  /// The western edge.
  public var minX: Double
  /// The southern edge.
  public var minY: Double
  /// The eastern edge.
  public var maxX: Double
  /// The northern edge.
  public var maxY: Double

  /// From four edges, in the order of GDAL and of a bounding box in GeoJSON.
  public init(minX: Double, minY: Double, maxX: Double, maxY: Double) {
    self.minX = minX
    self.minY = minY
    self.maxX = maxX
    self.maxY = maxY
  }
}

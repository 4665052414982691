/// A rectangle in map coordinates, x to the east (longitude) and y to the north (latitude).
///
/// In geographic coordinates `minX > maxX` where the rectangle crosses the antimeridian.
public struct Bounds: Hashable, Sendable {
  public var minX: Double
  public var minY: Double
  public var maxX: Double
  public var maxY: Double

  public init(minX: Double, minY: Double, maxX: Double, maxY: Double) {
    self.minX = minX
    self.minY = minY
    self.maxX = maxX
    self.maxY = maxY
  }
}

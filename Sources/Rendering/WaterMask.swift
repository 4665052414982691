/// Standing water, detected as exactly level areas.
///
/// In a DEM with fractional heights, no other ground is exactly level. In one with integer heights, parts of plains are
/// level, too; increase the smallest area there.
public struct WaterMask: Hashable, Sendable {
  /// Whether each pixel is water, `[row, column]`.
  public private(set) var isWater: [Bool]

  /// Detects connected pixels of equal height that cover at least `smallestInSquareMeters`.
  public init(of field: HeightField, smallestInSquareMeters: Float = 90_000) {
    let heights = field.heights
    isWater = [Bool](repeating: false, count: heights.count)
    let smallest = smallestInSquareMeters / (field.gsdInMeters * field.gsdInMeters)
    let areas = field.connectedAreas(of: heights.map { !$0.isNaN }) { heights[$0] == heights[$1] }
    for area in areas where Float(area.count) >= smallest {
      for index in area { isWater[index] = true }
    }
  }
}

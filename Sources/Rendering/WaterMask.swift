/// Standing water, detected as exactly level areas.
///
/// In a DEM with fractional heights, no other ground is exactly level. In one with integer heights, parts of plains are
/// level, too; increase the smallest area there.
public struct WaterMask: Hashable, Sendable {
  /// Whether each pixel is water, `[row, column]`.
  public private(set) var isWater: [Bool]

  /// Detects connected pixels of equal height that cover at least `smallestInSquareMeters`.
  public init(of field: HeightField, smallestInSquareMeters: Float = 90_000) {
    let (width, heights) = (field.width, field.heights)
    isWater = [Bool](repeating: false, count: heights.count)
    let smallest = smallestInSquareMeters / (field.gsdInMeters * field.gsdInMeters)
    var seen = heights.map(\.isNaN)
    for first in heights.indices where !seen[first] {
      seen[first] = true
      var patch = [first]
      var next = 0
      while next < patch.count {
        let index = patch[next]
        next += 1
        let column = index % width
        let neighbors = [
          column > 0 ? index - 1 : nil, column + 1 < width ? index + 1 : nil,
          index - width, index + width,
        ]
        for case let other? in neighbors
        where heights.indices.contains(other) && !seen[other] && heights[other] == heights[index] {
          seen[other] = true
          patch.append(other)
        }
      }
      if Float(patch.count) >= smallest {
        for index in patch { isWater[index] = true }
      }
    }
  }
}

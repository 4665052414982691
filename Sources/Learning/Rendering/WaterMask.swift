/// Standing water, known by being level, to the bit: with decimals in its heights, a DEM has no other level ground.
///
/// Of a plain in whole metres, parts are level too; there the smallest size must be raised.
public struct WaterMask: Hashable, Sendable {
  /// `[row, column]`.
  public private(set) var isWater: [Bool]

  /// Finds connected pixels of one height that cover at least `smallestInSquareMeters`.
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
        let neighbours = [
          column > 0 ? index - 1 : nil, column + 1 < width ? index + 1 : nil,
          index - width, index + width,
        ]
        for case let other? in neighbours
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

import Grids
import Rendering
import Surfaces

extension HeightField {
  /// A connected void with more pixels is not a gap in a measurement, but an area without heights.
  private static let mostInGap = 400

  /// Returns the field with small voids filled smoothly; large voids stay.
  func withGapsClosed() -> HeightField {
    guard heights.contains(where: \.isNaN) else { return self }
    let filled = Resampling.filled(heights, on: Grid(width: width, height: height))
    var result = self
    for void in voids where void.count <= Self.mostInGap {
      for index in void { result.heights[index] = filled[index] }
    }
    return result
  }

  /// Returns the field with large voids at sea level, because some DEMs leave out the sea; small voids stay.
  func withSea() -> HeightField {
    var result = self
    for void in voids where void.count > Self.mostInGap {
      for index in void { result.heights[index] = 0 }
    }
    return result
  }

  /// The pixels of each void, connected over edges.
  private var voids: [[Int]] {
    var seen = heights.map { !$0.isNaN }
    var voids: [[Int]] = []
    for first in heights.indices where !seen[first] { voids.append(void(from: first, &seen)) }
    return voids
  }

  /// Returns the pixels of one void, and marks them as seen.
  private func void(from first: Int, _ seen: inout [Bool]) -> [Int] {
    seen[first] = true
    var void = [first]
    var next = 0
    while next < void.count {
      let index = void[next]
      next += 1
      let column = index % width
      let neighbors = [
        column > 0 ? index - 1 : nil, column + 1 < width ? index + 1 : nil, index - width,
        index + width,
      ]
      for case let other? in neighbors where seen.indices.contains(other) && !seen[other] {
        seen[other] = true
        void.append(other)
      }
    }
    return void
  }
}

import Grids
import Learning
import Surfaces

extension HeightField {
  /// More connected pixels than these are no gap in a measurement, but something that has no heights.
  private static let mostInGap = 400

  /// The field with small voids closed smoothly; large ones stay.
  func withGapsClosed() -> HeightField {
    guard heights.contains(where: \.isNaN) else { return self }
    let filled = Resampling.filled(heights, on: Grid(width: width, height: height))
    var result = self
    for void in voids where void.count <= Self.mostInGap {
      for index in void { result.heights[index] = filled[index] }
    }
    return result
  }

  /// The field with large voids at the level of the sea, which some DEMs leave out; small ones stay.
  func withSea() -> HeightField {
    var result = self
    for void in voids where void.count > Self.mostInGap {
      for index in void { result.heights[index] = 0 }
    }
    return result
  }

  /// The connected pixels of each void, over edges.
  private var voids: [[Int]] {
    var seen = heights.map { !$0.isNaN }
    var voids: [[Int]] = []
    for first in heights.indices where !seen[first] { voids.append(void(from: first, &seen)) }
    return voids
  }

  /// The pixels of one void, which are marked as seen.
  private func void(from first: Int, _ seen: inout [Bool]) -> [Int] {
    seen[first] = true
    var void = [first]
    var next = 0
    while next < void.count {
      let index = void[next]
      next += 1
      let column = index % width
      let neighbours = [
        column > 0 ? index - 1 : nil, column + 1 < width ? index + 1 : nil, index - width,
        index + width,
      ]
      for case let other? in neighbours where seen.indices.contains(other) && !seen[other] {
        seen[other] = true
        void.append(other)
      }
    }
    return void
  }
}

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
  private var voids: [[Int]] { connectedAreas(of: heights.map(\.isNaN)) }
}

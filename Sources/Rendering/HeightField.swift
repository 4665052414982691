import Surfaces

/// Heights on a grid of square pixels, with row 0 in the north and column 0 in the west.
public struct HeightField: Hashable, Sendable {
  /// The number of columns.
  public let width: Int
  /// The number of rows.
  public let height: Int
  /// The side of a pixel on the ground, in meters.
  public let gsdInMeters: Float
  /// `[row, column]`, meters above the datum, positive upward; NaN where there is no height.
  public var heights: [Float]

  /// Creates a field from an array of heights.
  public init(width: Int, height: Int, gsdInMeters: Float, heights: [Float]) {
    precondition(width > 0 && height > 0, "a height field needs at least one pixel")
    precondition(gsdInMeters > 0, "the pixel size must be positive")
    precondition(heights.count == width * height, "one height is required for each pixel")
    self.width = width
    self.height = height
    self.gsdInMeters = gsdInMeters
    self.heights = heights
  }

  /// Creates a field by evaluating a function at each pixel, given its distance in meters east and south of the center
  /// of the first pixel.
  public init(
    width: Int, height: Int, gsdInMeters: Float,
    _ heightAt: (_ east: Float, _ south: Float) -> Float
  ) {
    var heights: [Float] = []
    heights.reserveCapacity(width * height)
    for row in 0..<height {
      for column in 0..<width {
        heights.append(heightAt(Float(column) * gsdInMeters, Float(row) * gsdInMeters))
      }
    }
    self.init(width: width, height: height, gsdInMeters: gsdInMeters, heights: heights)
  }

  /// The lowest and the highest height; nil if there are none.
  public var range: ClosedRange<Float>? {
    var low = Float.infinity
    var high = -Float.infinity
    for height in heights {
      if height < low { low = height }
      if height > high { high = height }
    }
    return low <= high ? low...high : nil
  }

  /// Returns the bilinearly interpolated height at pixel coordinates, (0, 0) being the first center; clamped at the
  /// edge.
  public func bilinear(column: Float, row: Float) -> Float {
    let x = min(max(column, 0), Float(width - 1))
    let y = min(max(row, 0), Float(height - 1))
    let (left, top) = (Int(x), Int(y))
    let (right, bottom) = (min(left + 1, width - 1), min(top + 1, height - 1))
    let (u, v) = (x - Float(left), y - Float(top))
    let upper = heights[top * width + left] * (1 - u) + heights[top * width + right] * u
    let lower = heights[bottom * width + left] * (1 - u) + heights[bottom * width + right] * u
    return upper * (1 - v) + lower * v
  }

  /// Returns the rise per meter toward the east and toward the north, from the eight neighbors (`HornGradient`).
  ///
  /// Beyond the edge, the surface is extrapolated linearly (odd reflection), so that a plane has the same gradient
  /// everywhere. NaN where the pixel or a neighbor has no height.
  public func gradient(column: Int, row: Int) -> (east: Float, north: Float) {
    let gradient = HornGradient(
      extended(column - 1, row - 1), extended(column, row - 1), extended(column + 1, row - 1),
      extended(column - 1, row), extended(column + 1, row),
      extended(column - 1, row + 1), extended(column, row + 1), extended(column + 1, row + 1))
    let center = heights[row * width + column]
    return center.isNaN
      ? (center, center) : (gradient.right / gsdInMeters, -gradient.down / gsdInMeters)
  }

  /// Returns the height at a pixel; one pixel beyond the edge, twice the edge minus its inner neighbor.
  private func extended(_ column: Int, _ row: Int) -> Float {
    if column < 0 { return beyond(extended(0, row), extended(min(1, width - 1), row)) }
    if column >= width {
      return beyond(extended(width - 1, row), extended(max(width - 2, 0), row))
    }
    if row < 0 { return beyond(heights[column], heights[min(1, height - 1) * width + column]) }
    if row >= height {
      return beyond(
        heights[(height - 1) * width + column], heights[max(height - 2, 0) * width + column])
    }
    return heights[row * width + column]
  }

  private func beyond(_ edge: Float, _ inner: Float) -> Float { 2 * edge - inner }
}

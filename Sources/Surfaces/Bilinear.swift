/// A raster interpolated bilinearly between its pixel centers.
package struct Bilinear {
  private let values: [Float]
  private let width: Int
  private let height: Int

  /// Creates an interpolator of values `[row, column]`; NaN is a missing value.
  package init(values: [Float], width: Int, height: Int) {
    (self.values, self.width, self.height) = (values, width, height)
  }

  /// Returns the value at a position in pixel centers.
  ///
  /// NaN beyond the outermost pixel centers, and where a pixel with nonzero weight has no value.
  package func value(row: Double, column: Double) -> Double {
    let (top, left) = (row.rounded(.down), column.rounded(.down))
    let (down, across) = (row - top, column - left)
    let (r, c) = (Int(top), Int(left))
    guard r >= 0, c >= 0, r < height, c < width, r + 1 < height || down == 0,
      c + 1 < width || across == 0
    else { return .nan }
    func at(_ row: Int, _ column: Int, _ weight: Double) -> Double {
      weight == 0 ? 0 : weight * Double(values[row * width + column])
    }
    return at(r, c, (1 - down) * (1 - across)) + at(r, c + 1, (1 - down) * across)
      + at(r + 1, c, down * (1 - across)) + at(r + 1, c + 1, down * across)
  }
}

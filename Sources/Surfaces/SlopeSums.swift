import Glibc
package import Grids

/// The sums from which `SlopeAgreement` is computed; sums of parts of an area can be added.
package struct SlopeSums: Sendable {
  /// The number of pixels whose slopes are compared.
  package private(set) var slopes = 0
  /// The sum of the slope differences, heights − reference, in degrees.
  package private(set) var difference = 0.0
  /// The sum of the squared slope differences.
  package private(set) var squares = 0.0
  /// The number of adjacent pixel pairs whose reference heights differ.
  package private(set) var pairs = 0
  /// The number of those pairs that are inverted: the heights fall where the reference rises; level pairs count
  /// half.
  package private(set) var wrong = 0.0

  /// Creates empty sums.
  package init() {}

  /// Adds the sums of another part of the area.
  package static func += (sums: inout SlopeSums, other: SlopeSums) {
    sums.slopes += other.slopes
    sums.difference += other.difference
    sums.squares += other.squares
    sums.pairs += other.pairs
    sums.wrong += other.wrong
  }

  /// Adds the pixels of a part of the area, and the pairs of each pixel with its right and lower neighbors.
  ///
  /// - Parameters:
  ///   - heights: The heights, `[row, column]`; NaN is a missing value.
  ///   - reference: The reference heights, `[row, column]`.
  ///   - width: The number of columns of both.
  ///   - part: The pixels to add; pixels next to them are also read.
  ///   - pixelWidth: The width of a pixel, in the unit of the heights.
  ///   - pixelHeight: The height of a pixel, in the unit of the heights.
  package mutating func add(
    _ heights: [Float], _ reference: [Float], width: Int, inside part: Window, pixelWidth: Double,
    pixelHeight: Double
  ) {
    let height = width > 0 ? heights.count / width : 0
    for row in part.rows {
      for column in part.columns {
        let i = row * width + column
        if column + 1 < width { compare(heights, reference, i, i + 1) }
        if row + 1 < height { compare(heights, reference, i, i + width) }
        guard row > 0, column > 0, row + 1 < height, column + 1 < width else { continue }
        let difference =
          Self.slope(heights, i, width, pixelWidth, pixelHeight)
          - Self.slope(reference, i, width, pixelWidth, pixelHeight)
        guard !difference.isNaN else { continue }
        slopes += 1
        self.difference += difference
        squares += difference * difference
      }
    }
  }

  private mutating func compare(_ heights: [Float], _ reference: [Float], _ i: Int, _ j: Int) {
    let truth = reference[j] - reference[i]
    let ours = heights[j] - heights[i]
    guard !ours.isNaN, truth < 0 || truth > 0 else { return }
    pairs += 1
    wrong += ours == 0 ? 0.5 : (ours > 0) == (truth > 0) ? 0 : 1
  }

  /// Returns the slope in degrees at pixel `i`, from its eight neighbors; NaN if any of the nine values is missing.
  ///
  /// The slope is that of `gdaldem slope`.
  package static func slope(
    _ z: [Float], _ i: Int, _ width: Int, _ pixelWidth: Double, _ pixelHeight: Double
  ) -> Double {
    func at(_ row: Int, _ column: Int) -> Double { Double(z[i + row * width + column]) }
    let gradient = HornGradient(
      at(-1, -1), at(-1, 0), at(-1, 1), at(0, -1), at(0, 1), at(1, -1), at(1, 0), at(1, 1))
    let (p, q) = (gradient.right / pixelWidth, gradient.down / pixelHeight)
    guard !at(0, 0).isNaN else { return .nan }
    return atan((p * p + q * q).squareRoot()) * 180 / .pi
  }
}

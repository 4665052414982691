import Glibc
package import Grids

/// What `SlopeAgreement` is made of, for ground that is looked at part by part: sums of parts add up to those of all.
package struct SlopeSums: Sendable {
  package private(set) var slopes = 0
  /// Of ours − reference, in degrees.
  package private(set) var difference = 0.0
  package private(set) var squares = 0.0
  /// Neighbours that differ in the reference, and those of them where ours fall as it rises.
  package private(set) var pairs = 0
  package private(set) var wrong = 0.0

  package init() {}

  package static func += (sums: inout SlopeSums, other: SlopeSums) {
    sums.slopes += other.slopes
    sums.difference += other.difference
    sums.squares += other.squares
    sums.pairs += other.pairs
    sums.wrong += other.wrong
  }

  /// Adds the pixels of a part, and the pairs of each with its right and lower neighbour.
  ///
  /// - Parameters:
  ///   - heights: [row, column], NaN where there is none.
  ///   - reference: The same.
  ///   - width: Columns of both.
  ///   - part: Which pixels; those around it are looked at too.
  ///   - pixelWidth: In the unit of the heights.
  ///   - pixelHeight: The same.
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

  /// In degrees, from the eight neighbours; NaN where one of the nine has no value.
  ///
  /// B. K. P. Horn, Proceedings of the IEEE 69, 1981, doi:10.1109/PROC.1981.11918, as `gdaldem slope` has it.
  package static func slope(
    _ z: [Float], _ i: Int, _ width: Int, _ pixelWidth: Double, _ pixelHeight: Double
  ) -> Double {
    func at(_ row: Int, _ column: Int) -> Double { Double(z[i + row * width + column]) }
    let across =
      (at(-1, 1) + 2 * at(0, 1) + at(1, 1)) - (at(-1, -1) + 2 * at(0, -1) + at(1, -1))
    let down = (at(1, -1) + 2 * at(1, 0) + at(1, 1)) - (at(-1, -1) + 2 * at(-1, 0) + at(-1, 1))
    let (p, q) = (across / (8 * pixelWidth), down / (8 * pixelHeight))
    guard !at(0, 0).isNaN else { return .nan }
    return atan((p * p + q * q).squareRoot()) * 180 / .pi
  }
}

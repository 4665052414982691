import Glibc

/// How the slopes of heights compare with those of a reference.
public struct SlopeAgreement: Hashable, Sendable, Codable {
  /// Pixels whose slopes are compared: all nine around have a value on both sides.
  public let count: Int
  /// The mean of ours − reference, in degrees.
  public let bias: Double
  /// The root of the mean squared difference, in degrees.
  public let rmse: Double
  /// Of all pairs of neighbours in a row or column that differ in the reference, the share where ours fall as the
  /// reference rises; where ours are level, a coin decides: half.
  public let inversionRate: Double

  /// nil where nothing can be compared.
  ///
  /// O(pixels).
  ///
  /// - Parameters:
  ///   - heights: [row, column] in metres, NaN where there is none.
  ///   - reference: The same.
  ///   - width: Columns of both.
  ///   - pixelWidth: In metres.
  ///   - pixelHeight: In metres.
  public init?(
    of heights: [Float], to reference: [Float], width: Int, pixelWidth: Double, pixelHeight: Double
  ) {
    precondition(heights.count == reference.count, "\(heights.count) and \(reference.count) pixels")
    let height = width > 0 ? heights.count / width : 0
    var (slopes, sum, squares) = (0, 0.0, 0.0)
    var (pairs, wrong) = (0, 0.0)
    func compare(_ i: Int, _ j: Int) {
      let truth = reference[j] - reference[i]
      let ours = heights[j] - heights[i]
      guard !ours.isNaN, truth < 0 || truth > 0 else { return }
      pairs += 1
      wrong += ours == 0 ? 0.5 : (ours > 0) == (truth > 0) ? 0 : 1
    }
    for row in 0..<height {
      for column in 0..<width {
        let i = row * width + column
        if column + 1 < width { compare(i, i + 1) }
        if row + 1 < height { compare(i, i + width) }
        guard row > 0, column > 0, row + 1 < height, column + 1 < width else { continue }
        let difference =
          Self.slope(heights, i, width, pixelWidth, pixelHeight)
          - Self.slope(reference, i, width, pixelWidth, pixelHeight)
        guard !difference.isNaN else { continue }
        slopes += 1
        sum += difference
        squares += difference * difference
      }
    }
    guard slopes > 0, pairs > 0 else { return nil }
    count = slopes
    bias = sum / Double(slopes)
    rmse = (squares / Double(slopes)).squareRoot()
    inversionRate = wrong / Double(pairs)
  }

  /// In degrees, from the eight neighbours; NaN where one of the nine has no value.
  ///
  /// B. K. P. Horn, Proceedings of the IEEE 69, 1981, doi:10.1109/PROC.1981.11918, as `gdaldem slope` has it.
  static func slope(
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

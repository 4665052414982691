import Grids

/// Compares the slopes of heights with those of a reference.
public struct SlopeAgreement: Hashable, Sendable, Codable {
  /// The number of pixels whose slopes are compared: all 3 × 3 values are present on both sides.
  public let count: Int
  /// The mean slope difference, heights − reference, in degrees.
  public let bias: Double
  /// The root mean square slope difference, in degrees.
  public let rmse: Double
  /// The share of inverted pairs: the heights fall where the reference rises.
  ///
  /// It covers all pairs of adjacent pixels in a row or column that differ in the reference. Pairs with equal
  /// heights count half.
  public let inversionRate: Double

  /// Compares two rasters; nil if nothing can be compared.
  ///
  /// O(pixels).
  ///
  /// - Parameters:
  ///   - heights: The heights in meters, `[row, column]`; NaN is a missing value.
  ///   - reference: The reference heights in meters, `[row, column]`.
  ///   - width: The number of columns of both.
  ///   - pixelWidth: The width of a pixel in meters.
  ///   - pixelHeight: The height of a pixel in meters.
  public init?(
    of heights: [Float], to reference: [Float], width: Int, pixelWidth: Double, pixelHeight: Double
  ) {
    precondition(
      heights.count == reference.count,
      "the rasters have \(heights.count) and \(reference.count) pixels")
    let whole = Window(
      column: 0, row: 0, width: width, height: width > 0 ? heights.count / width : 0)
    var sums = SlopeSums()
    sums.add(
      heights, reference, width: width, inside: whole, pixelWidth: pixelWidth,
      pixelHeight: pixelHeight)
    self.init(sums)
  }

  /// Creates the comparison from accumulated sums; nil if nothing could be compared.
  package init?(_ sums: SlopeSums) {
    guard sums.slopes > 0, sums.pairs > 0 else { return nil }
    count = sums.slopes
    bias = sums.difference / Double(sums.slopes)
    rmse = (sums.squares / Double(sums.slopes)).squareRoot()
    inversionRate = sums.wrong / Double(sums.pairs)
  }
}

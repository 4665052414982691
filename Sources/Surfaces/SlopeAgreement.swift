import Grids

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
    let whole = Window(
      column: 0, row: 0, width: width, height: width > 0 ? heights.count / width : 0)
    var sums = SlopeSums()
    sums.add(
      heights, reference, width: width, inside: whole, pixelWidth: pixelWidth,
      pixelHeight: pixelHeight)
    self.init(sums)
  }

  /// Of what was summed; nil where nothing could be compared.
  package init?(_ sums: SlopeSums) {
    guard sums.slopes > 0, sums.pairs > 0 else { return nil }
    count = sums.slopes
    bias = sums.difference / Double(sums.slopes)
    rmse = (sums.squares / Double(sums.slopes)).squareRoot()
    inversionRate = sums.wrong / Double(sums.pairs)
  }
}

/// A robust linear regression of a reference on values: reference ≈ scale · value + offset.
///
/// Least squares with Huber's weights (k = 1.345; P. J. Huber, Annals of Mathematical Statistics 35, 1964,
/// doi:10.1214/aoms/1177703732), by iterative reweighting: the influence of blunders in the reference is bounded,
/// and no part of the terrain is excluded. The scale is that of the regression, which minimizes the errors. In
/// contrast, the scale of `AffineFit` preserves the relief. For uninformative values, the regression scale is 0.
public struct RobustRegression: Hashable, Sendable, Codable {
  /// The factor applied to the values.
  public let scale: Double
  /// The offset added after scaling.
  public let shift: Double
  /// The number of pairs that were used.
  public let count: Int

  private static let huber = 1.345
  private static let rounds = 20

  /// Fits all pairs in which both values are present (not NaN); nil if there are none.
  ///
  /// O(pairs).
  ///
  /// - Parameters:
  ///   - values: The values to fit.
  ///   - reference: The reference to fit them to.
  ///   - allowsNegativeScale: Whether the scale may be negative; otherwise, negative scales are replaced by 0.
  public init?(of values: [Float], to reference: [Float], allowsNegativeScale: Bool = false) {
    precondition(
      values.count == reference.count,
      "the surfaces have \(values.count) and \(reference.count) pixels")
    let shared = values.indices.filter { !values[$0].isNaN && !reference[$0].isNaN }
    guard !shared.isEmpty else { return nil }
    let x = shared.map { Double(values[$0]) }
    let y = shared.map { Double(reference[$0]) }
    count = shared.count
    var weights = [Double](repeating: 1, count: x.count)
    var line = Self.line(x, y, weights, allowsNegativeScale)
    for _ in 0..<Self.rounds {
      let residuals = x.indices.map { abs(y[$0] - line.scale * x[$0] - line.shift) }
      let limit = Self.huber * 1.4826 * residuals.median()
      guard limit > 0 else { break }
      for i in weights.indices { weights[i] = min(1, limit / max(residuals[i], limit)) }
      let next = Self.line(x, y, weights, allowsNegativeScale)
      let move = abs(next.scale - line.scale)
      line = next
      if move <= 1e-6 * abs(line.scale) { break }
    }
    (scale, shift) = line
  }

  private static func line(
    _ x: [Double], _ y: [Double], _ weights: [Double], _ allowsNegativeScale: Bool
  ) -> (scale: Double, shift: Double) {
    let (_, mx, my) = weightedMeans(x, y, weights)
    var (xx, xy) = (0.0, 0.0)
    for i in x.indices {
      xx += weights[i] * (x[i] - mx) * (x[i] - mx)
      xy += weights[i] * (x[i] - mx) * (y[i] - my)
    }
    var scale = xx > 0 ? xy / xx : 0
    if !allowsNegativeScale { scale = max(0, scale) }
    return (scale, my - scale * mx)
  }
}

/// Returns the sum of the weights, and the weighted means of two lists.
func weightedMeans(
  _ x: [Double], _ y: [Double], _ weights: [Double]
) -> (weight: Double, x: Double, y: Double) {
  var (w, mx, my) = (0.0, 0.0, 0.0)
  for i in x.indices {
    w += weights[i]
    mx += weights[i] * x[i]
    my += weights[i] * y[i]
  }
  return (w, mx / w, my / w)
}

/// What is best taken for a reference, from values that know something of it: scale · value + shift.
///
/// Least squares with Huber's weights (k = 1.345; P. J. Huber, Annals of Mathematical Statistics 35, 1964,
/// doi:10.1214/aoms/1177703732), by reweighting: errors of the reference's blunders grow no further, and no part of the
/// land is left out. The scale is the regression's, which makes errors least, not `AffineFit`'s, which keeps the relief:
/// of values that know nothing it is 0.
public struct RobustRegression: Hashable, Sendable, Codable {
  public let scale: Double
  public let shift: Double
  /// Pairs that it rests on.
  public let count: Int

  private static let huber = 1.345
  private static let rounds = 20

  /// Of the pairs that have a value (are not NaN) on both sides; nil where there is none.
  ///
  /// O(pairs).
  ///
  /// - Parameters:
  ///   - values: What is fitted.
  ///   - reference: What it is fitted to.
  ///   - mayTurn: Whether the scale may be negative; if not, it is 0 where it would be.
  public init?(of values: [Float], to reference: [Float], mayTurn: Bool = false) {
    precondition(values.count == reference.count, "surfaces of one size are fitted")
    let shared = values.indices.filter { !values[$0].isNaN && !reference[$0].isNaN }
    guard !shared.isEmpty else { return nil }
    let x = shared.map { Double(values[$0]) }
    let y = shared.map { Double(reference[$0]) }
    count = shared.count
    var weights = [Double](repeating: 1, count: x.count)
    var line = Self.line(x, y, weights, mayTurn)
    for _ in 0..<Self.rounds {
      let residuals = x.indices.map { abs(y[$0] - line.scale * x[$0] - line.shift) }
      let limit = Self.huber * 1.4826 * residuals.median()
      guard limit > 0 else { break }
      for i in weights.indices { weights[i] = min(1, limit / max(residuals[i], limit)) }
      let next = Self.line(x, y, weights, mayTurn)
      let move = abs(next.scale - line.scale)
      line = next
      if move <= 1e-6 * abs(line.scale) { break }
    }
    (scale, shift) = line
  }

  private static func line(
    _ x: [Double], _ y: [Double], _ weights: [Double], _ mayTurn: Bool
  ) -> (scale: Double, shift: Double) {
    var (w, mx, my) = (0.0, 0.0, 0.0)
    for i in x.indices {
      w += weights[i]
      mx += weights[i] * x[i]
      my += weights[i] * y[i]
    }
    (mx, my) = (mx / w, my / w)
    var (xx, xy) = (0.0, 0.0)
    for i in x.indices {
      xx += weights[i] * (x[i] - mx) * (x[i] - mx)
      xy += weights[i] * (x[i] - mx) * (y[i] - my)
    }
    var scale = xx > 0 ? xy / xx : 0
    if !mayTurn { scale = max(0, scale) }
    return (scale, my - scale * mx)
  }
}

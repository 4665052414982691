/// How far heights lie from a reference: ours − reference, in its unit, over all pixels where both have a value.
///
/// Sources: J. Höhle and M. Höhle, "Accuracy assessment of digital elevation models by means of robust statistical methods",
/// ISPRS Journal 64, 2009, doi:10.1016/j.isprsjprs.2009.02.003, for NMAD and the quantiles of absolute differences.
public struct Accuracy: Hashable, Sendable, Codable {
  /// Pixels that count.
  public let count: Int
  /// The mean difference.
  public let bias: Double
  public let median: Double
  /// The root of the mean squared difference.
  public let rmse: Double
  /// 1.4826 times the median distance from the median: the standard deviation, where errors are normal, of all but the
  /// outliers.
  public let nmad: Double
  /// What 68.3 % of the absolute differences stay below.
  public let le68: Double
  /// What 90 % of the absolute differences stay below.
  public let le90: Double

  /// Of the pairs that have a value (are not NaN) on both sides; nil where there is none.
  ///
  /// O(pixels) on average.
  public init?(of heights: [Float], to reference: [Float]) {
    precondition(heights.count == reference.count, "\(heights.count) and \(reference.count) pixels")
    self.init(differences: zip(heights, reference).map { Double($0) - Double($1) })
  }

  /// Of the differences that are numbers; nil where there is none.
  public init?(differences: [Double]) {
    var values = differences.filter { !$0.isNaN }
    guard !values.isEmpty else { return nil }
    count = values.count
    bias = values.reduce(0, +) / Double(count)
    rmse = (values.reduce(0) { $0 + $1 * $1 } / Double(count)).squareRoot()
    let middle = values.quantile(0.5)
    median = middle
    for i in values.indices { values[i] = abs(values[i] - middle) }
    nmad = 1.4826 * values.quantile(0.5)
    values = differences.filter { !$0.isNaN }.map(abs)
    le68 = values.quantile(0.683)
    le90 = values.quantile(0.9)
  }
}

extension [Double] {
  /// The value below which a share of all lie, interpolated linearly between neighbours.
  ///
  /// O(n) on average; reorders the array. Definition 7 of R. Hyndman and Y. Fan, The American Statistician 50, 1996, doi:10.1080/00031305.1996.10473566, which
  /// is NumPy's.
  ///
  /// - Precondition: the array is not empty and holds no NaN.
  package mutating func quantile(_ share: Double) -> Double {
    let place = share * Double(count - 1)
    let lower = Int(place.rounded(.down))
    let low = select(lower)
    guard Double(lower) < place else { return low }
    // What follows is in no order, but nothing in it is less.
    let high = self[(lower + 1)...].min() ?? low
    return low + (place - Double(lower)) * (high - low)
  }
}

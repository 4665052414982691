/// Error statistics of heights against a reference, from the differences height − reference.
///
/// Differences are in the unit of the reference and cover all pixels where both rasters have a value.
///
/// Source for NMAD and the quantiles of absolute differences: J. Höhle and M. Höhle, "Accuracy assessment of digital
/// elevation models by means of robust statistical methods", ISPRS Journal 64, 2009,
/// doi:10.1016/j.isprsjprs.2009.02.003.
public struct Accuracy: Hashable, Sendable, Codable {
  /// The number of compared pixels.
  public let count: Int
  /// The mean difference.
  public let bias: Double
  /// The median difference.
  public let median: Double
  /// The root mean square difference.
  public let rmse: Double
  /// The normalized median absolute deviation: 1.4826 times the median absolute deviation from the median difference.
  ///
  /// For normally distributed errors with outliers, it is the standard deviation without the outliers.
  public let nmad: Double
  /// The 68.3 % quantile of the absolute differences.
  public let le68: Double
  /// The 90 % quantile of the absolute differences.
  public let le90: Double

  /// Compares all pixels that have a value (are not NaN) in both rasters; nil if there are none.
  ///
  /// O(pixels) on average.
  public init?(of heights: [Float], to reference: [Float]) {
    precondition(
      heights.count == reference.count,
      "the rasters have \(heights.count) and \(reference.count) pixels")
    self.init(differences: zip(heights, reference).map { Double($0) - Double($1) })
  }

  /// Summarizes the differences that are not NaN; nil if there are none.
  public init?(differences: [Double]) {
    var values = differences.filter { !$0.isNaN }
    guard !values.isEmpty else { return nil }
    count = values.count
    bias = values.reduce(0, +) / Double(count)
    rmse = (values.reduce(0) { $0 + $1 * $1 } / Double(count)).squareRoot()
    let center = values.quantile(0.5)
    median = center
    for i in values.indices { values[i] = abs(values[i] - center) }
    nmad = 1.4826 * values.quantile(0.5)
    values = differences.filter { !$0.isNaN }.map(abs)
    le68 = values.quantile(0.683)
    le90 = values.quantile(0.9)
  }
}

extension [Double] {
  /// Returns the quantile at a cumulative probability in 0…1, interpolated linearly between neighboring values.
  ///
  /// O(n) on average; reorders the array. This is definition 7 of R. Hyndman and Y. Fan, The American Statistician
  /// 50, 1996, doi:10.1080/00031305.1996.10473566, and NumPy's default.
  ///
  /// - Precondition: The array is not empty and contains no NaN.
  package mutating func quantile(_ share: Double) -> Double {
    let place = share * Double(count - 1)
    let lower = Int(place.rounded(.down))
    let low = select(lower)
    guard Double(lower) < place else { return low }
    // The elements after `lower` are unordered, but none is less than `low`.
    let high = self[(lower + 1)...].min() ?? low
    return low + (place - Double(lower)) * (high - low)
  }
}

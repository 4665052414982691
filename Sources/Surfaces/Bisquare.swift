/// The weights of Tukey's bisquare (biweight) for robust fits, which ignores distant outliers.
///
/// A. E. Beaton and J. W. Tukey, Technometrics 16, 1974, doi:10.1080/00401706.1974.10489171.
enum Bisquare {
  /// The cutoff in standard deviations: weights are zero from here on, with 95 % efficiency for normal errors.
  private static let cutoff = 4.685

  /// Returns the weight, 0…1, of a residual given the robust standard deviation; 1 for a zero residual in any case.
  static func weight(_ residual: Double, deviation: Double) -> Double {
    let u = residual == 0 ? 0 : abs(residual) / (cutoff * deviation)
    return u < 1 ? (1 - u * u) * (1 - u * u) : 0
  }
}

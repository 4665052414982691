/// The weights of a robust fit: those of Tukey's bisquare, which forgets what lies far off.
///
/// A. E. Beaton and J. W. Tukey, Technometrics 16, 1974, doi:10.1080/00401706.1974.10489171.
enum Bisquare {
  /// In standard deviations: nothing counts from here on, and of normal errors 95 % of the efficiency is left.
  private static let reach = 4.685

  /// From a residual and the robust standard deviation of all, 0…1; 1 for no residual, whatever the deviation.
  static func weight(_ residual: Double, deviation: Double) -> Double {
    let u = residual == 0 ? 0 : abs(residual) / (reach * deviation)
    return u < 1 ? (1 - u * u) * (1 - u * u) : 0
  }
}

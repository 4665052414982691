import Foundation

/// A measure of the difference between heights and a reference.
public enum Metric: String, CaseIterable, Sendable, Codable, CodingKeyRepresentable {
  /// The mean of ours − reference.
  case bias
  /// The root mean square difference.
  case rmse
  /// 1.4826 times the median absolute deviation from the median difference.
  case nmad
  /// The 68.3 % quantile of the absolute differences.
  case le68
  /// The 90 % quantile of the absolute differences.
  case le90
  /// The mean difference of slopes, in degrees; negative if ours are too smooth.
  case slopeBias
  /// The root mean square difference of slopes, in degrees.
  case slopeRMSE
  /// The fraction of neighboring pixels that fall where the reference rises, 0…1; 0.5 for an uninformative surface.
  case inversionRate
  /// The correlation of heights and reference after features broader than the band are removed, −1…1.
  case correlation

  /// The column heading.
  var title: String {
    switch self {
    case .bias: "bias"
    case .rmse: "RMSE"
    case .nmad: "NMAD"
    case .le68: "LE68"
    case .le90: "LE90"
    case .slopeBias: "slope bias"
    case .slopeRMSE: "slope RMSE"
    case .inversionRate: "inversions"
    case .correlation: "correlation"
    }
  }

  var unit: String {
    switch self {
    case .bias, .rmse, .nmad, .le68, .le90: "m"
    case .slopeBias, .slopeRMSE: "°"
    case .inversionRate: "%"
    case .correlation: ""
    }
  }

  /// Formats a value for people; fractions in percent.
  func text(_ value: Double) -> String {
    switch self {
    case .inversionRate: value.text(decimals: 1, times: 100)
    case .correlation: value.text(decimals: 3)
    case .slopeBias, .slopeRMSE: value.text(decimals: 2)
    default: value.text(decimals: abs(value) < 10 ? 2 : 1)
    }
  }

  /// Whether smaller values are better.
  var isError: Bool { self != .correlation }
}

extension Double {
  /// Formats a number with a fixed number of decimals, without a minus sign before zero.
  func text(decimals: Int, times factor: Double = 1) -> String {
    let text = String(format: "%.\(decimals)f", self * factor)
    return text.hasPrefix("-") && !text.contains(where: { ("1"..."9").contains($0) })
      ? String(text.dropFirst()) : text
  }
}

import Foundation

/// A figure that says how far heights lie from a reference.
public enum Metric: String, CaseIterable, Sendable, Codable, CodingKeyRepresentable {
  /// The mean of ours − reference.
  case bias
  /// The root of the mean squared difference.
  case rmse
  /// 1.4826 times the median distance from the median difference.
  case nmad
  /// What 68.3 % of the absolute differences stay below.
  case le68
  /// What 90 % of the absolute differences stay below.
  case le90
  /// The mean difference of slopes, in degrees: below 0, ours are too smooth.
  case slopeBias
  /// The root of the mean squared difference of slopes, in degrees.
  case slopeRMSE
  /// The share of neighbouring pixels that fall where the reference rises, 0…1; of what knows nothing it is one half.
  case inversionRate
  /// The correlation of what is left of both when forms broader than the band are taken away, −1…1.
  case correlation

  /// What stands over a column.
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

  /// As people read it; shares in percent.
  func text(_ value: Double) -> String {
    switch self {
    case .inversionRate: value.text(decimals: 1, times: 100)
    case .correlation: value.text(decimals: 3)
    case .slopeBias, .slopeRMSE: value.text(decimals: 2)
    default: value.text(decimals: abs(value) < 10 ? 2 : 1)
    }
  }

  /// Whether less is better; a bias is neither.
  var isError: Bool { self != .correlation }
}

extension Double {
  /// With so many decimals, and no minus before zeros.
  func text(decimals: Int, times factor: Double = 1) -> String {
    let text = String(format: "%.\(decimals)f", self * factor)
    return text.hasPrefix("-") && !text.contains(where: { ("1"..."9").contains($0) })
      ? String(text.dropFirst()) : text
  }
}

import Foundation

/// A learning rate that rises linearly and then falls along a half cosine.
///
/// Source: I. Loshchilov & F. Hutter, "SGDR", arXiv:1608.03983, equation 5 without restarts; P. Goyal et al.,
/// arXiv:1706.02677, section 2.2, for the warm-up.
public struct WarmupCosineSchedule: Sendable, Hashable, Codable {
  /// The highest rate.
  public let peak: Double
  /// The final rate.
  public let floor: Double
  /// The number of warm-up steps; the rate is above 0 in the first, and the peak in the last.
  public let warmup: Int
  /// The total number of steps, including the warm-up.
  public let steps: Int

  /// Creates a schedule.
  ///
  /// - Parameters:
  ///   - peak: The highest rate.
  ///   - floor: The final rate.
  ///   - warmup: The number of warm-up steps, less than `steps`.
  ///   - steps: The total number of steps.
  public init(peak: Double, floor: Double = 0, warmup: Int = 0, steps: Int) {
    precondition(
      floor >= 0 && peak >= floor && warmup >= 0 && steps > warmup,
      "rates from \(floor) to \(peak), \(warmup) of \(steps) steps to warm up")
    (self.peak, self.floor, self.warmup, self.steps) = (peak, floor, warmup, steps)
  }

  /// Returns the rate of a step, counting from 0; after the last step it stays the same.
  public func learningRate(at step: Int) -> Double {
    guard step >= warmup else { return peak * Double(step + 1) / Double(warmup) }
    let way = min(1, Double(step - warmup) / Double(max(1, steps - 1 - warmup)))
    return floor + (peak - floor) * (1 + cos(.pi * way)) / 2
  }
}

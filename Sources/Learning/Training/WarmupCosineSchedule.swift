import Foundation

/// A learning rate that rises in a line and then falls in half a cosine.
///
/// Source: I. Loshchilov & F. Hutter, "SGDR", arXiv:1608.03983, equation 5 without restarts; P. Goyal et al.,
/// arXiv:1706.02677, section 2.2, for the rise.
public struct WarmupCosineSchedule: Sendable, Hashable, Codable {
  /// The highest rate.
  public let peak: Double
  /// The last one.
  public let floor: Double
  /// Steps of the rise; the first of them has a rate already, and the last one has the highest.
  public let warmup: Int
  /// All steps, of the rise too.
  public let steps: Int

  /// - Parameters:
  ///   - peak: The highest rate.
  ///   - floor: The last rate.
  ///   - warmup: Steps of the rise, less than all.
  ///   - steps: All of them.
  public init(peak: Double, floor: Double = 0, warmup: Int = 0, steps: Int) {
    precondition(
      floor >= 0 && peak >= floor && warmup >= 0 && steps > warmup,
      "rates from \(floor) to \(peak), \(warmup) of \(steps) steps to rise")
    (self.peak, self.floor, self.warmup, self.steps) = (peak, floor, warmup, steps)
  }

  /// The rate of a step, counted from 0; from the end on it stays.
  public func learningRate(at step: Int) -> Double {
    guard step >= warmup else { return peak * Double(step + 1) / Double(warmup) }
    let way = min(1, Double(step - warmup) / Double(max(1, steps - 1 - warmup)))
    return floor + (peak - floor) * (1 + cos(.pi * way)) / 2
  }
}

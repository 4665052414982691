/// The exponential moving average of the parameters of a training, which often gives better weights than the last step.
///
/// After each step average ← average + (1 − decay) · (parameters − average), in Float. With a warm-up, the n-th decay,
/// counting from 1, is at most (1 + n) / (10 + n), so that the first steps soon lose their influence.
///
/// Source: B. T. Polyak & A. B. Juditsky, SIAM Journal on Control and Optimization 30, 1992, doi:10.1137/0330046; the
/// exponential form and its warm-up as in TensorFlow's `ExponentialMovingAverage`.
public struct MovingAverage: Sendable, Hashable, Codable {
  /// How the average starts.
  public enum Start: String, Sendable, Hashable, Codable {
    /// The first decays are smaller (warm-up), or all decays are full.
    case warmup, full
  }

  /// The decay, 0…1.
  public let decay: Double
  /// How the average starts.
  public let start: Start
  /// The average of each array of parameters.
  public private(set) var values: [[Float]]
  /// The number of steps averaged over, without the initial parameters.
  public private(set) var count: Int

  /// Creates an average from initial parameters, or restores one.
  ///
  /// - Parameters:
  ///   - values: The arrays of parameters.
  ///   - decay: The decay, 0…1.
  ///   - start: Whether the first decays are smaller.
  ///   - count: The number of steps that `values` are already averaged over.
  public init(
    of values: [[Float]], decay: Double = 0.999, start: Start = .warmup, count: Int = 0
  ) {
    precondition((0...1).contains(decay) && count >= 0, "a decay of \(decay) after \(count) steps")
    (self.values, self.decay, self.start, self.count) = (values, decay, start, count)
  }

  /// Adds the parameters after a step.
  ///
  /// - Parameter parameters: As many arrays of the same lengths.
  public mutating func add(_ parameters: [[Float]]) {
    precondition(
      parameters.map(\.count) == values.map(\.count),
      "parameters of other sizes than the average, expected the same arrays")
    count += 1
    let early = Double(1 + count) / Double(10 + count)
    let share = Float(1 - (start == .warmup ? min(decay, early) : decay))
    for (array, latest) in parameters.enumerated() {
      values[array].withUnsafeMutableBufferPointer { average in
        latest.withUnsafeBufferPointer { latest in
          for i in average.indices { average[i] += share * (latest[i] - average[i]) }
        }
      }
    }
  }
}

/// Parameters averaged over the steps of a training, recent ones most: often better than the last ones alone.
///
/// After each step average ← average + (1 − decay) · (parameters − average), in Float. With a warm-up the n-th decay, counted from
/// 1, is (1 + n) / (10 + n) at most, so that the first steps are soon forgotten.
///
/// Source: B. T. Polyak & A. B. Juditsky, SIAM Journal on Control and Optimization 30, 1992, doi:10.1137/0330046; the moving
/// form and its warm-up as TensorFlow's `ExponentialMovingAverage` has them.
public struct MovingAverage: Sendable, Hashable, Codable {
  /// Whether the first decays are smaller.
  public enum Start: String, Sendable, Hashable, Codable {
    case warmup, full
  }

  public let decay: Double
  public let start: Start
  /// Of each array of parameters.
  public private(set) var values: [[Float]]
  /// Steps averaged over, without the first parameters.
  public private(set) var count: Int

  /// From the first parameters, or as an average was.
  ///
  /// - Parameters:
  ///   - values: Array by array.
  ///   - decay: In 0…1.
  ///   - start: Whether the first decays are smaller.
  ///   - count: Steps that they are averaged over already.
  public init(
    of values: [[Float]], decay: Double = 0.999, start: Start = .warmup, count: Int = 0
  ) {
    precondition((0...1).contains(decay) && count >= 0, "a decay of \(decay) after \(count) steps")
    (self.values, self.decay, self.start, self.count) = (values, decay, start, count)
  }

  /// Takes in the parameters after a step.
  ///
  /// - Parameter parameters: As many arrays of the same lengths.
  public mutating func add(_ parameters: [[Float]]) {
    precondition(
      parameters.map(\.count) == values.map(\.count), "the average is of other parameters")
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

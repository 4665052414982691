/// Leaves out each number with some probability, and enlarges the others so that the mean stays.
///
/// Which are left out follows from the seed alone. Source: N. Srivastava et al., Journal of Machine Learning Research 15,
/// 2014, in the form that changes nothing when a network is used.
public struct Dropout: Sendable, Hashable {
  /// In 0..<1.
  public let rate: Double
  public let seed: UInt64

  /// - Parameters:
  ///   - rate: The probability, in 0..<1.
  ///   - seed: Of the draw.
  public init(rate: Double, seed: UInt64) {
    precondition((0..<1).contains(rate), "a dropout of \(rate), expected 0 or more and less than 1")
    (self.rate, self.seed) = (rate, seed)
  }

  /// So many of the same rate, each with a draw of its own.
  package func parts(_ count: Int) -> [Dropout] {
    var generator = SplitMix64(seed: seed)
    return (0..<count).map { _ in Dropout(rate: rate, seed: generator.next()) }
  }

  /// What is left of a tensor; its gradient is left at the same places.
  package func callAsFunction(_ x: Tensor) -> Tensor {
    applied(to: x.untracked).made(of: [x]) { gradient, _ in [applied(to: gradient)] }
  }

  private func applied(to x: Tensor) -> Tensor {
    var generator = SplitMix64(seed: seed)
    let scale = Float(1 / (1 - rate))
    return Tensor(x.shape, x.scalars.map { generator.unit() < rate ? 0 : $0 * scale })
  }
}

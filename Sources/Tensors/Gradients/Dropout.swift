/// Sets each element to zero with a given probability, and scales the others so that the mean is preserved.
///
/// The selection depends only on the seed. Source: N. Srivastava et al., Journal of Machine Learning Research 15,
/// 2014, in the variant that needs no scaling at inference time (inverted dropout).
public struct Dropout: Sendable, Hashable {
  /// The probability of zeroing an element, in 0..<1.
  public let rate: Double
  /// The seed of the selection.
  public let seed: UInt64

  /// Creates a dropout layer.
  ///
  /// - Parameters:
  ///   - rate: The probability of zeroing an element, in 0..<1.
  ///   - seed: The seed of the selection.
  public init(rate: Double, seed: UInt64) {
    precondition(
      (0..<1).contains(rate), "the dropout rate is \(rate); expected at least 0 and less than 1")
    (self.rate, self.seed) = (rate, seed)
  }

  /// Returns `count` dropout layers with the same rate and different seeds.
  package func parts(_ count: Int) -> [Dropout] {
    var generator = SplitMix64(seed: seed)
    return (0..<count).map { _ in Dropout(rate: rate, seed: generator.next()) }
  }

  /// Applies dropout to a tensor; the gradient is zeroed at the same places.
  package func callAsFunction(_ x: Tensor) -> Tensor {
    applied(to: x.untracked).recorded(from: [x]) { gradient, _ in [applied(to: gradient)] }
  }

  private func applied(to x: Tensor) -> Tensor {
    var generator = SplitMix64(seed: seed)
    let scale = Float(1 / (1 - rate))
    return Tensor(x.shape, x.scalars.map { generator.unit() < rate ? 0 : $0 * scale })
  }
}

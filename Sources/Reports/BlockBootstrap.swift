import Surfaces
import Tensors

/// A bootstrap over blocks of pixels, which gives the uncertainty of a metric.
///
/// Blocks, not pixels, are drawn with replacement, as many as there are, because the errors of neighboring pixels are
/// correlated. B. Efron, The Annals of Statistics 7, 1979, doi:10.1214/aos/1176344552; for blocks, H. R. Künsch, The
/// Annals of Statistics 17, 1989, doi:10.1214/aos/1176347265.
public struct BlockBootstrap: Sendable {
  /// The number of rounds.
  public var rounds = 2000
  /// The fraction of rounds inside the interval; the rest is split equally below and above it.
  public var share = 0.95
  /// The seed of the draws.
  public var seed: UInt64 = 42

  /// Creates a bootstrap with default parameters.
  public init() {}

  /// Returns the interval of a metric over a number of blocks.
  ///
  /// - Parameters:
  ///   - blocks: The number of blocks, at least two.
  ///   - figure: Computes the metric over the blocks with the given indices, which may be repeated; rounds in which it
  ///     is NaN are ignored.
  /// - Returns: nil if there are fewer than two blocks, or if no round gives a number.
  public func interval(blocks: Int, _ figure: ([Int]) -> Double) -> ClosedRange<Double>? {
    range(of: draws(blocks: blocks).map(figure))
  }

  /// Returns the indices of the blocks that each round draws, as many as there are; empty for fewer than two blocks.
  ///
  /// The draws are the same for every metric, so that the difference of two metrics can be computed round by round.
  public func draws(blocks: Int) -> [[Int]] {
    guard blocks > 1 else { return [] }
    var generator = SplitMix64(seed: seed)
    return (0..<rounds).map { _ in
      (0..<blocks).map { _ in Int.random(in: 0..<blocks, using: &generator) }
    }
  }

  /// Returns the interval that contains the central share of the rounds' values; nil if none is a number.
  public func range(of rounds: [Double]) -> ClosedRange<Double>? {
    let found = rounds.filter { !$0.isNaN }
    guard !found.isEmpty else { return nil }
    let outside = (1 - share) / 2 * Double(found.count - 1)
    let limits = found.orderStatistics([
      Int(outside.rounded()), Int((Double(found.count - 1) - outside).rounded()),
    ])
    return limits[0]...limits[1]
  }
}

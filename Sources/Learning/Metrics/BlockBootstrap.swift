import Tensors

/// How sure a figure is that was taken over many blocks of ground: the range that holds most of what it would have been
/// had other blocks been drawn.
///
/// Blocks, not pixels, are drawn with replacement, as many as there are: neighbouring pixels err alike and count no more
/// than one. B. Efron, The Annals of Statistics 7, 1979, doi:10.1214/aos/1176344552; H. R. Künsch, The Annals of
/// Statistics 17, 1989, doi:10.1214/aos/1176347265, for blocks.
public struct BlockBootstrap: Sendable {
  public var rounds = 2000
  /// Of what the rounds give, so much lies inside, the rest in halves below and above.
  public var share = 0.95
  public var seed: UInt64 = 42

  public init() {}

  /// The range of a figure over so many blocks.
  ///
  /// - Parameters:
  ///   - blocks: How many there are, two at least; fewer tell nothing.
  ///   - figure: What the blocks of these numbers, some of them more than once, give together; rounds in which it is NaN
  ///     are left out.
  /// - Returns: nil with fewer than two blocks, or where no round gives a number.
  public func interval(blocks: Int, _ figure: ([Int]) -> Double) -> ClosedRange<Double>? {
    range(of: draws(blocks: blocks).map(figure))
  }

  /// The blocks that each round draws, as many as there are; no round with fewer than two blocks.
  ///
  /// The same draws whatever the figure, so that the difference of two figures is one figure.
  public func draws(blocks: Int) -> [[Int]] {
    guard blocks > 1 else { return [] }
    var generator = SplitMix64(seed: seed)
    return (0..<rounds).map { _ in
      (0..<blocks).map { _ in Int.random(in: 0..<blocks, using: &generator) }
    }
  }

  /// The range that holds the share of what rounds gave; nil where none gave a number.
  public func range(of rounds: [Double]) -> ClosedRange<Double>? {
    let found = rounds.filter { !$0.isNaN }.sorted()
    guard !found.isEmpty else { return nil }
    let outside = (1 - share) / 2 * Double(found.count - 1)
    return found[Int(outside.rounded())]...found[Int((Double(found.count - 1) - outside).rounded())]
  }
}

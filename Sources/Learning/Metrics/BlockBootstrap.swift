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
  /// The same draws whatever the figure, so that the difference of two figures is one figure.
  ///
  /// - Parameters:
  ///   - blocks: How many there are, two at least; fewer tell nothing.
  ///   - figure: What the blocks of these numbers, some of them more than once, give together; rounds in which it is NaN
  ///     are left out.
  /// - Returns: nil with fewer than two blocks, or where no round gives a number.
  public func interval(blocks: Int, _ figure: ([Int]) -> Double) -> ClosedRange<Double>? {
    guard blocks > 1 else { return nil }
    var generator = SplitMix64(seed: seed)
    var found: [Double] = []
    for _ in 0..<rounds {
      let drawn = (0..<blocks).map { _ in Int.random(in: 0..<blocks, using: &generator) }
      let value = figure(drawn)
      if !value.isNaN { found.append(value) }
    }
    guard !found.isEmpty else { return nil }
    found.sort()
    let outside = (1 - share) / 2 * Double(found.count - 1)
    return found[Int(outside.rounded())]...found[Int((Double(found.count - 1) - outside).rounded())]
  }
}

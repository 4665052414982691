import Tensors

/// Heights of layered rock: a hard cap keeps a plateau between canyons, and hard layers below it form cliffs.
///
/// A monotonically increasing function of the height alone, so lakes stay level and drainage is preserved.
struct Tableland: Sendable {
  /// The height in meters above which the hard cap has hardly eroded.
  private let cap: Float
  /// The share of the relief above the cap that remains.
  private let roof: Float
  /// The distance between hard layers in meters.
  private let layer: Float
  /// The share of a layer's height that its cliff takes up.
  private let cliff: Float

  init(over heights: [Float], _ generator: inout SplitMix64) {
    let sorted = heights.sorted()
    cap = sorted[Int(generator.draw(0.35...0.75) * Float(sorted.count - 1))]
    roof = generator.draw(0.05...0.3)
    let relief = max(cap - sorted[0], 1)
    layer = relief / generator.draw(1.5...5)
    cliff = generator.draw(0.2...0.7)
  }

  func height(from height: Float) -> Float {
    let capped = height > cap ? cap + roof * (height - cap) : height
    let layers = (cap - capped) / layer
    let whole = layers.rounded(.down)
    // The middle two fifths of a layer form its cliff.
    let t = min(max((layers - whole - 0.3) / 0.4, 0), 1)
    let cut = whole + (1 - cliff) * (layers - whole) + cliff * t * t * (3 - 2 * t)
    return cap - layer * cut
  }
}

public import Tensors

/// How far a prediction's relief is from the truth's, within parts of the image: neither scale nor level counts in any.
///
/// In each context u of n pixels a map v becomes N(v) = (v − m) / (s + 10⁻⁶), with m its lower median and
/// s = Σ |v − m| / (n + 1), and |N(prediction) − N(truth)| is averaged over the contexts that hold a pixel, then over pixels.
/// Contexts come of the truth alone, by three strategies whose losses are averaged: ranges of height (4, 2 and 1, equally
/// wide), ranges of its quantiles (4, 2 and 1), and squares of the image (4 × 4, 2 × 2 and 1). Ranges are open above, so the
/// highest pixels of an image are in none, and a range may be empty: it adds nothing.
///
/// Where the truth is not finite there is none: such pixels count in no median, scale, range or mean, and have no gradient.
/// A context counts if it has one pixel, as without voids, and an image without any counts nothing.
///
/// Source: C. Zhang et al., "Hierarchical Normalization for Robust Monocular Depth Estimation", NeurIPS 2022,
/// arXiv:2210.09670, as D3-RSMDE (arXiv:2603.16362) trains with it. Its formula pools the contexts of all strategies before it
/// averages; that differs for the highest pixels alone, as all others are in as many contexts of each.
public struct HDNLoss: Sendable, Hashable {
  /// In the finest one the ranges are 2^(levels − 1), the squares as many along each side; 1 to 4.
  public var levels: Int

  private static let strategies = 3

  public init(levels: Int = 3) {
    precondition((1...4).contains(levels), "\(levels) levels, expected 1 to 4")
    self.levels = levels
  }

  /// The loss of a batch and its gradient, in O(pixels) time.
  ///
  /// The gradient is that of the formula, medians included; pixels that equal a median share what comes through it evenly.
  ///
  /// - Parameters:
  ///   - prediction: `[batch, row, column, 1]`.
  ///   - truth: The same; what is not finite is void.
  /// - Returns: 0 without truth, NaN for a prediction that is not finite everywhere; the same bits whatever the threads.
  public func callAsFunction(_ prediction: Tensor, truth: Tensor) -> Loss {
    precondition(
      prediction.shape == truth.shape && truth.shape.image.channels == 1,
      "\(prediction.shape) against \(truth.shape), expected maps of one channel and one shape")
    guard prediction.isFinite else { return .undefined(prediction.shape) }
    let (batch, rows, columns, _) = truth.shape.image
    let pixels = rows * columns
    let images = parallelMap(batch) { image in
      CountedPixels(prediction, truth: truth, in: image * pixels..<(image + 1) * pixels)
    }
    let count = images.reduce(0) { $0 + $1.pixels.count }
    guard count > 0 else { return Loss(value: 0, gradient: Tensor(prediction.shape)) }
    let weight = 1 / Double(Self.strategies * count * levels)
    let parts = parallelMap(batch * Self.strategies) { part in
      let image = images[part / Self.strategies]
      let hierarchy =
        switch part % Self.strategies {
        case 0: image.rangesOfHeight(levels)
        case 1: image.rangesOfQuantiles(levels)
        default: image.squares(levels, rows: rows, columns: columns)
        }
      return image.comparison(in: hierarchy, weight: weight)
    }
    var value = 0.0
    var gradient = [Float](repeating: 0, count: batch * pixels)
    for (index, part) in parts.enumerated() {
      let image = index / Self.strategies
      value += part.value
      for (pixel, slope) in zip(images[image].pixels, part.gradient) {
        gradient[image * pixels + Int(pixel)] += slope
      }
    }
    return Loss(value: value, gradient: Tensor(prediction.shape, gradient))
  }
}

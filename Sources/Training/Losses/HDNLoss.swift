public import Tensors

/// The HDN loss: compares prediction and truth in contexts of the image, normalized to remove offset and scale in each.
///
/// In each context u of n pixels, a map v becomes N(v) = (v − m) / (s + 10⁻⁶), with its lower median m and s = Σ |v −
/// m| / (n + 1). The loss averages |N(prediction) − N(truth)| over the contexts of a pixel, then over pixels. Contexts
/// depend only on the truth. Three strategies give contexts, and their losses are averaged: ranges of height (4, 2 and
/// 1, equally wide), ranges of quantiles of height (4, 2 and 1), and squares of the image (4 × 4, 2 × 2 and 1). Ranges
/// exclude their upper bound, so the highest pixels of an image are in none. An empty range adds nothing.
///
/// Pixels without a finite truth are void: they do not count in any median, scale, range or mean, and have no gradient.
/// A context counts if it has at least one valid pixel, and an image without any adds nothing.
///
/// Source: C. Zhang et al., "Hierarchical Normalization for Robust Monocular Depth Estimation", NeurIPS 2022,
/// arXiv:2210.09670, as D3-RSMDE (arXiv:2603.16362) uses it. The paper's formula pools the contexts of all strategies
/// before it averages. That differs only for the highest pixels, because all others are in the same number of contexts
/// of each strategy.
public struct HDNLoss: Sendable, Hashable {
  /// The number of levels, 1 to 4: the finest has 2^(levels − 1) ranges, and as many squares along each side.
  public var levels: Int

  private static let strategies = 3

  /// Creates a loss with 1 to 4 levels.
  public init(levels: Int = 3) {
    precondition((1...4).contains(levels), "\(levels) levels, expected 1 to 4")
    self.levels = levels
  }

  /// Returns the loss of a batch and its gradient, in O(pixels) time.
  ///
  /// The gradient includes the medians; pixels that equal a median share its gradient evenly.
  ///
  /// - Parameters:
  ///   - prediction: `[batch, row, column, 1]`.
  ///   - truth: The same shape; values that are not finite are void.
  /// - Returns: 0 without valid truth, and NaN if any value of the prediction is not finite. The result is
  ///   bit-identical for any number of threads.
  public func callAsFunction(_ prediction: Tensor, truth: Tensor) -> Loss {
    precondition(
      prediction.shape == truth.shape && truth.shape.image.channels == 1,
      "\(prediction.shape) and \(truth.shape), expected one-channel maps of the same shape")
    guard prediction.isFinite else { return .undefined(prediction.shape) }
    let (batch, rows, columns, _) = truth.shape.image
    let pixels = rows * columns
    let images = parallelMap(batch) { image in
      ValidPixels(prediction, truth: truth, in: image * pixels..<(image + 1) * pixels)
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

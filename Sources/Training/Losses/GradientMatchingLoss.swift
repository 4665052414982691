public import Tensors

/// The difference between the gradients of prediction and truth at several scales, which keeps edges sharp and in
/// place.
///
/// Σ over scales of Σ (|∇ₓ R| + |∇ᵧ R|) / M with R = prediction − truth. Scale k takes every 2ᵏ-th row and column of R,
/// and M is the number of its pixels with a valid truth in the whole batch. Differences that involve a void are left
/// out.
///
/// Source: R. Ranftl et al., arXiv:1907.01341, equation 11, with M per scale, as in the authors' program. There both
/// maps are aligned first; here they are not.
public struct GradientMatchingLoss: Sendable, Hashable {
  /// The number of scales, each with half of the resolution of the one before.
  public var scales: Int

  /// Creates a loss with 1 to 16 scales.
  public init(scales: Int = 4) {
    precondition((1...16).contains(scales), "\(scales) scales, expected 1 to 16")
    self.scales = scales
  }

  /// Returns the loss of a batch and its gradient.
  ///
  /// - Parameters:
  ///   - prediction: `[batch, row, column, channel]`.
  ///   - truth: The same shape; values that are not finite are void.
  /// - Returns: 0 without valid truth, and NaN if any value of the prediction is not finite. The result is
  ///   bit-identical for any number of threads.
  public func callAsFunction(_ prediction: Tensor, truth: Tensor) -> Loss {
    guard Loss.isDefined(prediction, against: truth) else { return .undefined(prediction.shape) }
    let (batch, rows, columns, channels) = truth.shape.image
    let size = rows * columns * channels
    let images = parallelMap(batch) { image in
      Residual(
        (image * size..<(image + 1) * size).map { i in
          let expected = truth.scalars[i]
          return expected.isFinite ? prediction.scalars[i] - expected : .nan
        }, rows: rows, columns: columns, channels: channels)
    }
    let weights = (0..<scales).map { scale in
      let count = images.reduce(0) { $0 + $1.count(every: 1 << scale) }
      return count > 0 ? 1 / Double(count) : 0
    }
    let parts = parallelMap(batch) { images[$0].steps(weights) }
    return Loss(
      value: parts.reduce(0) { $0 + $1.value },
      gradient: Tensor(prediction.shape, parts.flatMap(\.gradient)))
  }
}

/// Prediction minus truth of one image, NaN where the truth is void.
private struct Residual: Sendable {
  let values: [Float]
  let (rows, columns, channels): (Int, Int, Int)

  init(_ values: [Float], rows: Int, columns: Int, channels: Int) {
    self.values = values
    (self.rows, self.columns, self.channels) = (rows, columns, channels)
  }

  /// Returns the number of valid values in every `step`-th row and column.
  func count(every step: Int) -> Int {
    var count = 0
    for row in stride(from: 0, to: rows, by: step) {
      for column in stride(from: 0, to: columns, by: step) {
        let pixel = (row * columns + column) * channels
        for i in pixel..<pixel + channels where !values[i].isNaN { count += 1 }
      }
    }
    return count
  }

  /// Returns Σ over scales of weight · Σ of absolute differences to the right and down, with the gradient.
  func steps(_ weights: [Double]) -> (value: Double, gradient: [Float]) {
    var value = 0.0
    var gradient = [Float](repeating: 0, count: values.count)
    for (scale, weight) in weights.enumerated() {
      let step = 1 << scale
      let (right, down) = (step * channels, step * columns * channels)
      let slope = Float(weight)
      var sum = 0.0
      func add(_ a: Int, _ b: Int) {
        let difference = values[b] - values[a]
        guard !difference.isNaN else { return }
        sum += Double(abs(difference))
        let slope = difference > 0 ? slope : difference < 0 ? -slope : 0
        gradient[b] += slope
        gradient[a] -= slope
      }
      for row in stride(from: 0, to: rows, by: step) {
        for column in stride(from: 0, to: columns, by: step) {
          let pixel = (row * columns + column) * channels
          for i in pixel..<pixel + channels {
            if column + step < columns { add(i, i + right) }
            if row + step < rows { add(i, i + down) }
          }
        }
      }
      value += weight * sum
    }
    return (value, gradient)
  }
}

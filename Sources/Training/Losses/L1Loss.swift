public import Tensors

/// The mean absolute difference between prediction and truth.
///
/// The refiner's loss for latents (D3-RSMDE, arXiv:2603.16362). Values without a finite truth do not count and have no
/// gradient.
public struct L1Loss: Sendable, Hashable {
  /// Creates the loss.
  public init() {}

  /// Returns the loss and its gradient, which is sign(prediction − truth) / count, and 0 where they are equal.
  ///
  /// - Parameters:
  ///   - prediction: A tensor of any shape.
  ///   - truth: The same shape; values that are not finite are void.
  /// - Returns: 0 without valid truth, and NaN if any value of the prediction is not finite.
  public func callAsFunction(_ prediction: Tensor, truth: Tensor) -> Loss {
    guard Loss.isDefined(prediction, against: truth) else { return .undefined(prediction.shape) }
    let count = truth.scalars.count { $0.isFinite }
    guard count > 0 else { return Loss(value: 0, gradient: Tensor(prediction.shape)) }
    let slope = Float(1 / Double(count))
    var sum = 0.0
    var gradient = prediction.scalars
    for i in gradient.indices {
      let difference = gradient[i] - truth.scalars[i]
      guard truth.scalars[i].isFinite else {
        gradient[i] = 0
        continue
      }
      sum += Double(abs(difference))
      gradient[i] = difference > 0 ? slope : difference < 0 ? -slope : 0
    }
    return Loss(
      value: sum / Double(count), gradient: Tensor(prediction.shape, gradient))
  }
}

public import Tensors

/// The mean absolute difference between a prediction and the truth.
///
/// With this the refiner learns latents (D3-RSMDE, arXiv:2603.16362). What has no finite truth counts in neither sum nor
/// number, and has no gradient.
public struct L1Loss: Sendable, Hashable {
  public init() {}

  /// The loss and its gradient, sign(prediction − truth) / number, 0 where they are equal.
  ///
  /// - Parameters:
  ///   - prediction: Of any shape.
  ///   - truth: The same; what is not finite is void.
  /// - Returns: 0 without truth, NaN for a prediction that is not finite everywhere.
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

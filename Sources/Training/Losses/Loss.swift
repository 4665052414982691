public import Tensors

/// The loss of a prediction, and its gradient.
public struct Loss: Sendable, Equatable {
  /// The loss.
  public let value: Double
  /// ∂ value / ∂ prediction, with the prediction's shape.
  public let gradient: Tensor

  /// Creates a loss.
  public init(value: Double, gradient: Tensor) {
    (self.value, self.gradient) = (value, gradient)
  }

  /// Returns whether a prediction has a loss: whether all of its values are finite.
  ///
  /// Traps unless prediction and truth have the same shape.
  static func isDefined(_ prediction: Tensor, against truth: Tensor) -> Bool {
    precondition(
      prediction.shape == truth.shape,
      "\(prediction.shape) and \(truth.shape), expected the same shape")
    return prediction.isFinite
  }

  /// The loss of a prediction with values that are not finite: NaN throughout, so that it cannot pass for a good one.
  static func undefined(_ shape: Shape) -> Loss {
    Loss(value: .nan, gradient: Tensor(shape, repeating: .nan))
  }

  /// Returns the sum of two losses of the same prediction.
  public static func + (a: Loss, b: Loss) -> Loss {
    precondition(
      a.gradient.shape == b.gradient.shape,
      "losses with gradients of \(a.gradient.shape) and \(b.gradient.shape), expected losses of one prediction"
    )
    return Loss(
      value: a.value + b.value,
      gradient: Tensor(a.gradient.shape, zip(a.gradient.scalars, b.gradient.scalars).map(+)))
  }

  /// Returns a loss multiplied by a weight.
  public static func * (weight: Double, loss: Loss) -> Loss {
    Loss(
      value: weight * loss.value,
      gradient: Tensor(loss.gradient.shape, loss.gradient.scalars.map { Float(weight) * $0 }))
  }
}

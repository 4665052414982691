public import Tensors

/// What a prediction costs, and how that changes with each of its numbers.
public struct Loss: Sendable, Equatable {
  public let value: Double
  /// ∂ value / ∂ prediction, of the prediction's shape.
  public let gradient: Tensor

  public init(value: Double, gradient: Tensor) {
    (self.value, self.gradient) = (value, gradient)
  }

  /// Whether a prediction has a loss: whether all its numbers are finite.
  ///
  /// Traps unless prediction and truth have one shape.
  static func isDefined(_ prediction: Tensor, against truth: Tensor) -> Bool {
    precondition(
      prediction.shape == truth.shape,
      "\(prediction.shape) against \(truth.shape), expected one shape")
    return prediction.isFinite
  }

  /// That of a prediction with a number that is not finite: NaN throughout, so that nobody takes it for a good one.
  static func undefined(_ shape: Shape) -> Loss {
    Loss(value: .nan, gradient: Tensor(shape, repeating: .nan))
  }

  /// The sum of two losses of one prediction.
  public static func + (a: Loss, b: Loss) -> Loss {
    precondition(
      a.gradient.shape == b.gradient.shape,
      "losses of one prediction are added, not of \(a.gradient.shape) and \(b.gradient.shape)")
    return Loss(
      value: a.value + b.value,
      gradient: Tensor(a.gradient.shape, zip(a.gradient.scalars, b.gradient.scalars).map(+)))
  }

  /// The loss so many times.
  public static func * (weight: Double, loss: Loss) -> Loss {
    Loss(
      value: weight * loss.value,
      gradient: Tensor(loss.gradient.shape, loss.gradient.scalars.map { Float(weight) * $0 }))
  }
}

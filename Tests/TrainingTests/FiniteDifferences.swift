import Training
import Tensors
import Testing

/// Compares the gradient of a loss with finite differences of its value, except near kinks.
///
/// At a kink the one-sided differences disagree. These losses are sums of absolute values, so few places have one.
///
/// - Parameters:
///   - prediction: The prediction at which the gradient is taken.
///   - step: The step of each value; the loss is almost linear over it.
///   - tolerance: The tolerance as a share of the largest gradient.
///   - sourceLocation: The location of the test.
///   - loss: The loss of a prediction.
func expectGradient(
  at prediction: Tensor, step: Float, tolerance: Double,
  sourceLocation: SourceLocation = #_sourceLocation, of loss: (Tensor) -> Loss
) {
  let found = loss(prediction)
  let largest = Double(found.gradient.scalars.map(abs).max() ?? 0)
  #expect(largest > 0, sourceLocation: sourceLocation)
  var smooth = 0
  for i in prediction.scalars.indices {
    func moved(by step: Float) -> (place: Double, value: Double) {
      var scalars = prediction.scalars
      scalars[i] += step
      return (Double(scalars[i]), loss(Tensor(prediction.shape, scalars)).value)
    }
    let (left, right) = (moved(by: -step), moved(by: step))
    let here = Double(prediction.scalars[i])
    let before = (found.value - left.value) / (here - left.place)
    let after = (right.value - found.value) / (right.place - here)
    guard abs(before - after) < tolerance * largest else { continue }
    smooth += 1
    let slope = Double(found.gradient.scalars[i])
    #expect(
      abs(slope - (before + after) / 2) < tolerance * largest,
      "number \(i): \(slope), expected \(before)…\(after)", sourceLocation: sourceLocation)
  }
  #expect(
    10 * smooth >= 9 * prediction.scalars.count,
    "\(smooth) of \(prediction.scalars.count) places are smooth", sourceLocation: sourceLocation)
}

import Foundation
import Tensors

extension SplitMix64 {
  /// Draws a number, uniform over the range.
  mutating func draw(_ range: ClosedRange<Float>) -> Float {
    range.lowerBound + (range.upperBound - range.lowerBound) * Float(unit())
  }

  /// Draws a number, log-uniform over the range, whose bounds are above 0.
  mutating func drawLogarithm(_ range: ClosedRange<Float>) -> Float {
    exp(draw(log(range.lowerBound)...log(range.upperBound)))
  }

  /// Returns true with a probability.
  mutating func chance(_ share: Double) -> Bool { unit() < share }
}

import Foundation
import Tensors

extension SplitMix64 {
  /// Even over the range.
  mutating func draw(_ range: ClosedRange<Float>) -> Float {
    range.lowerBound + (range.upperBound - range.lowerBound) * Float(unit())
  }

  /// Even over the logarithms of the range, which is above 0.
  mutating func drawLogarithm(_ range: ClosedRange<Float>) -> Float {
    exp(draw(log(range.lowerBound)...log(range.upperBound)))
  }

  /// True so often.
  mutating func chance(_ share: Double) -> Bool { unit() < share }
}

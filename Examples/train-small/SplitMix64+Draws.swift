import Foundation
import Tensors

typealias SplitMix64 = Tensors.SplitMix64

extension SplitMix64 {
  /// A generator for a name: what is drawn for one pair does not hang on what was drawn for others (FNV-1a).
  init(seed: UInt64, name: String) {
    let hash = name.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3
    }
    var first = SplitMix64(seed: seed ^ hash)
    self.init(seed: first.next())
  }

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

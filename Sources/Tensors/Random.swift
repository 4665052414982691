import Glibc

/// A pseudorandom number generator whose sequence depends only on its seed, on every machine.
///
/// Source: SplitMix64 of Steele, Lea & Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
public struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Creates a generator with the given seed.
  public init(seed: UInt64) { state = seed }

  /// Creates a generator whose state depends on the seed and a name (FNV-1a); similar names give unrelated draws.
  public init(seed: UInt64, name: String) {
    let hash = name.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3
    }
    var first = SplitMix64(seed: seed ^ hash)
    self.init(seed: first.next())
  }

  /// Returns the next 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Returns the next uniform number in 0 ..< 1: a multiple of 2⁻²⁴, which `Float` represents exactly.
  public mutating func unit() -> Double { Double(next() >> 40) / 16_777_216 }
}

extension Tensor {
  /// Returns a tensor of uniformly distributed elements in `range`, determined by the seed.
  public static func random(
    _ shape: Shape, in range: ClosedRange<Float> = -1...1, seed: UInt64
  ) -> Tensor {
    var generator = SplitMix64(seed: seed)
    let scalars = (0..<shape.count).map { _ in
      range.lowerBound + (range.upperBound - range.lowerBound) * Float(generator.unit())
    }
    return Tensor(shape, scalars)
  }

  /// Returns a tensor of standard normal elements, determined by the seed (Box and Muller, 1958).
  public static func randomNormal(_ shape: Shape, seed: UInt64) -> Tensor {
    var generator = SplitMix64(seed: seed)
    let scalars = (0..<shape.count).map { _ in
      let radius = (-2 * log(1 - generator.unit())).squareRoot()  // 1 − u is never 0
      return Float(radius * cos(2 * .pi * generator.unit()))
    }
    return Tensor(shape, scalars)
  }
}

public import DepthModels
public import Tensors

/// Weights that follow from their names alone, so that an expected result needs no stored checkpoint.
///
/// The seed is FNV-1a-64 of the name, the i-th number s = 2u − 1 with the i-th output u of splitmix64 in 0 ..< 1.
/// Biases are 0.05 · s; what has two or more axes is s · √(3 / product of all but the first); gains are 1 + 0.1 · s.
public struct FormulaWeights: WeightSource {
  /// What goes before a name for its hash.
  public var prefix: String
  /// The name that the original network has for a tensor.
  public var original: @Sendable (String) -> String
  public let label = "formula"
  public let names: Set<String>? = nil

  public init(
    prefix: String = "", original: @escaping @Sendable (String) -> String = { $0 }
  ) {
    (self.prefix, self.original) = (prefix, original)
  }

  public func tensor(_ name: String, _ shape: Shape) throws -> Tensor {
    var generator = Self.generator(prefix + original(name))
    let fanIn = shape.dims.dropFirst().reduce(1, *)
    let scale =
      name.hasSuffix(".bias") ? 0.05 : shape.rank >= 2 ? (3 / Double(fanIn)).squareRoot() : 0.1
    let centre = name.hasSuffix(".bias") || shape.rank >= 2 ? 0.0 : 1.0
    var tensor = Tensor(shape)
    tensor.withMutableSpan { scalars in
      for i in scalars.indices { scalars[i] = Float(centre + scale * (2 * generator.unit() - 1)) }
    }
    return tensor
  }

  public static func generator(_ name: String) -> SplitMix64 {
    let seed = name.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3
    }
    return SplitMix64(seed: seed)
  }

  /// An input spread over `range`, in the order [channel, row, column] and returned as
  /// [1, row, column, channel].
  public static func image(
    _ name: String, rows: Int, columns: Int, channels: Int = 3, in range: ClosedRange<Double>
  ) -> Tensor {
    var generator = generator(name)
    let units = (0..<channels * rows * columns).map { _ in generator.unit() }
    return Tensor(
      [1, rows, columns, channels],
      (0..<rows * columns).flatMap { pixel in
        (0..<channels).map { channel in
          let u = units[channel * rows * columns + pixel]
          return Float(range.lowerBound + (range.upperBound - range.lowerBound) * u)
        }
      })
  }
}

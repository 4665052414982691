public import DepthModels
public import Tensors

/// Weights that are determined by their names, so that expected results need no stored checkpoint.
///
/// The seed is the FNV-1a-64 hash of the name; the i-th number is s = 2u − 1, with the i-th output u of splitmix64 in 0
/// ..< 1. Biases are 0.05 · s. Tensors with two or more axes are s · √(3 / product of all axes but the first). Gains
/// are 1 + 0.1 · s.
public struct FormulaWeights: WeightSource {
  /// The prefix that is added to a name before it is hashed.
  public var prefix: String
  /// Returns the name of a tensor in the original network.
  public var original: @Sendable (String) -> String
  /// The name used in messages.
  public let label = "formula"
  /// Nil, because any tensor can be produced.
  public let names: Set<String>? = nil

  /// Creates formula weights.
  public init(
    prefix: String = "", original: @escaping @Sendable (String) -> String = { $0 }
  ) {
    (self.prefix, self.original) = (prefix, original)
  }

  /// Returns the tensor with a given name.
  public func tensor(_ name: String, _ shape: Shape) throws -> Tensor {
    var generator = Self.generator(prefix + original(name))
    let fanIn = shape.dims.dropFirst().reduce(1, *)
    let scale =
      name.hasSuffix(".bias") ? 0.05 : shape.rank >= 2 ? (3 / Double(fanIn)).squareRoot() : 0.1
    let center = name.hasSuffix(".bias") || shape.rank >= 2 ? 0.0 : 1.0
    var tensor = Tensor(shape)
    tensor.withMutableSpan { scalars in
      for i in scalars.indices { scalars[i] = Float(center + scale * (2 * generator.unit() - 1)) }
    }
    return tensor
  }

  /// Returns the random number generator whose seed is the hash of a name.
  public static func generator(_ name: String) -> SplitMix64 {
    let seed = name.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3
    }
    return SplitMix64(seed: seed)
  }

  /// Returns an input that is uniformly distributed over `range`: `[1, row, column, channel]`.
  ///
  /// Numbers are generated in the order `[channel, row, column]`.
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

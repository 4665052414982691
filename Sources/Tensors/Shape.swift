/// The sizes of a tensor's axes, outermost first.
///
/// For example, `[1, 512, 512, 3]` is one image with 512 rows, 512 columns, and 3 channels.
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral {
  /// The size of each axis.
  public let dims: [Int]

  /// Creates a shape from the sizes of its axes, which must not be negative.
  public init(_ dims: [Int]) {
    precondition(dims.allSatisfy { $0 >= 0 }, "an axis cannot have a negative size")
    self.dims = dims
  }

  /// Creates a shape from an array literal of sizes.
  public init(arrayLiteral dims: Int...) { self.init(dims) }

  /// The number of axes.
  public var rank: Int { dims.count }
  /// The number of elements; 1 for a scalar.
  public var count: Int { dims.reduce(1, *) }
  /// The size of the innermost axis; 1 for a scalar.
  public var channels: Int { dims.last ?? 1 }
  /// The number of elements divided by `channels`: the row count when the tensor is treated as a matrix.
  public var positions: Int { dims.dropLast().reduce(1, *) }

  /// The size of an axis.
  public subscript(axis: Int) -> Int { dims[axis] }

  /// The sizes of images or feature maps: batch, rows, columns, and channels.
  public var image: (batch: Int, rows: Int, columns: Int, channels: Int) {
    precondition(rank == 4, "\(self) is not [batch, row, column, channel]")
    return (dims[0], dims[1], dims[2], dims[3])
  }
}

extension Shape: CustomStringConvertible {
  /// The sizes in brackets, such as `[1, 512, 512, 3]`.
  public var description: String { "\(dims)" }
}

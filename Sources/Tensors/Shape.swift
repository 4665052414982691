/// The sizes of a tensor's axes, outermost first: `[1, 512, 512, 3]` is one image of 512 rows, 512 columns, 3 channels.
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral {
  public let dims: [Int]

  public init(_ dims: [Int]) {
    precondition(dims.allSatisfy { $0 >= 0 }, "an axis cannot have a negative size")
    self.dims = dims
  }

  public init(arrayLiteral dims: Int...) { self.init(dims) }

  public var rank: Int { dims.count }
  /// The number of elements, 1 for a scalar.
  public var count: Int { dims.reduce(1, *) }
  /// The size of the innermost axis.
  public var channels: Int { dims.last ?? 1 }
  /// The number of elements over `channels`: the rows of the tensor seen as a matrix.
  public var positions: Int { dims.dropLast().reduce(1, *) }

  public subscript(axis: Int) -> Int { dims[axis] }

  /// The sizes (batch, rows, columns, channels) of images or feature maps.
  public var image: (batch: Int, rows: Int, columns: Int, channels: Int) {
    precondition(rank == 4, "\(self) is not [batch, row, column, channel]")
    return (dims[0], dims[1], dims[2], dims[3])
  }
}

extension Shape: CustomStringConvertible {
  public var description: String { "\(dims)" }
}

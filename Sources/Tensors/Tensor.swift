/// A multidimensional array of `Float` elements, in row-major order with a contiguous innermost axis.
///
/// A tensor is a value: copies share storage until one of them is modified. Images and feature maps are
/// `[batch, row, column, channel]`, tokens are `[batch, token, channel]`, and matrices are `[row, column]`.
public struct Tensor: Sendable, Equatable {
  /// The sizes of the axes.
  public let shape: Shape
  /// All elements in row-major order; their number is `shape.count`.
  public internal(set) var scalars: [Float]
  /// The operation that created the tensor, if gradients are recorded; not part of its value.
  var node: GradientNode?

  /// Creates a tensor from its elements in row-major order.
  public init(_ shape: Shape, _ scalars: [Float]) {
    precondition(
      scalars.count == shape.count,
      "\(shape) has \(shape.count) elements, but \(scalars.count) were given")
    self.shape = shape
    self.scalars = scalars
  }

  /// Creates a tensor whose elements all have the same value.
  public init(_ shape: Shape, repeating value: Float = 0) {
    self.init(shape, [Float](repeating: value, count: shape.count))
  }

  /// Creates a tensor that `body` fills completely, without initializing the memory first.
  init(_ shape: Shape, filledBy body: (UnsafeMutableBufferPointer<Float>) -> Void) {
    self.shape = shape
    let count = shape.count
    scalars = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      body(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      initialized = count
    }
  }

  /// Whether both tensors have the same shape and elements.
  public static func == (a: Tensor, b: Tensor) -> Bool {
    a.shape == b.shape && a.scalars == b.scalars
  }

  /// Calls `body` with the elements to modify them in place; gradients do not take this into account.
  public mutating func withMutableSpan<Result>(
    _ body: (inout MutableSpan<Float>) throws -> Result
  ) rethrows -> Result {
    var span = scalars.mutableSpan
    return try body(&span)
  }

  /// Returns a tensor with `transform` applied to each element; gradients do not take this into account.
  package func mapped(_ transform: (Float) -> Float) -> Tensor {
    Tensor(shape, scalars.map(transform))
  }

  /// Returns the same elements in the same order with another shape.
  public func reshaped(_ shape: Shape) -> Tensor {
    let own = self.shape
    return Tensor(shape, scalars).recorded(from: [self]) { gradient, _ in [gradient.reshaped(own)] }
  }

  /// The element at an index, for tests and single look-ups.
  public subscript(index: Int...) -> Float { scalars[offset(index)] }

  private func offset(_ index: [Int]) -> Int {
    precondition(
      index.count == shape.rank,
      "the index \(index) does not fit \(shape), which has \(shape.rank) axes")
    return zip(index, shape.dims).reduce(0) { offset, step in
      precondition(step.0 >= 0 && step.0 < step.1, "\(index) is outside \(shape)")
      return offset * step.1 + step.0
    }
  }
}

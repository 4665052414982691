/// Numbers on a grid of any rank, row-major, the innermost axis contiguous.
///
/// A value: copies share storage until one of them is written to. Images and feature maps are
/// `[batch, row, column, channel]`, tokens `[batch, token, channel]`, matrices `[row, column]`.
public struct Tensor: Sendable, Equatable {
  public let shape: Shape
  /// All elements in order; as many as the shape says.
  public internal(set) var scalars: [Float]
  /// How it was made, where gradients are wanted; no part of its value.
  var node: GradientNode?

  public init(_ shape: Shape, _ scalars: [Float]) {
    precondition(
      scalars.count == shape.count,
      "\(shape) holds \(shape.count) numbers, but \(scalars.count) were given")
    self.shape = shape
    self.scalars = scalars
  }

  public init(_ shape: Shape, repeating value: Float = 0) {
    self.init(shape, [Float](repeating: value, count: shape.count))
  }

  /// Room for a result, which `body` fills completely; fresh pages are touched once, not twice.
  init(_ shape: Shape, filledBy body: (UnsafeMutableBufferPointer<Float>) -> Void) {
    self.shape = shape
    let count = shape.count
    scalars = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      body(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      initialized = count
    }
  }

  public static func == (a: Tensor, b: Tensor) -> Bool {
    a.shape == b.shape && a.scalars == b.scalars
  }

  /// Lets `body` change the elements in place, which no way back knows of.
  public mutating func withMutableSpan<Result>(
    _ body: (inout MutableSpan<Float>) throws -> Result
  ) rethrows -> Result {
    var span = scalars.mutableSpan
    return try body(&span)
  }

  /// A function of each element, which no way back knows of.
  package func mapped(_ transform: (Float) -> Float) -> Tensor {
    Tensor(shape, scalars.map(transform))
  }

  /// The same numbers in the same order under another shape.
  public func reshaped(_ shape: Shape) -> Tensor {
    let own = self.shape
    return Tensor(shape, scalars).made(of: [self]) { gradient, _ in [gradient.reshaped(own)] }
  }

  /// The element at the given place, for tests and single look-ups.
  public subscript(index: Int...) -> Float { scalars[offset(index)] }

  private func offset(_ index: [Int]) -> Int {
    precondition(index.count == shape.rank, "\(shape) has \(shape.rank) axes")
    return zip(index, shape.dims).reduce(0) { offset, step in
      precondition(step.0 >= 0 && step.0 < step.1, "\(index) is outside \(shape)")
      return offset * step.1 + step.0
    }
  }
}

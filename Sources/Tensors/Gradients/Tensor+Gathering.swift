extension Tensor {
  /// Gathers elements into a new order and shape: `result[i] = self[indices[i]]`, in row-major order.
  ///
  /// It is intended for weights that are stored in one order and used in another, and for parts of small tensors.
  public func gathered(_ indices: [Int], _ shape: Shape) -> Tensor {
    precondition(
      indices.count == shape.count, "\(indices.count) indices do not fill the shape \(shape)")
    let own = self.shape
    let result = Tensor(shape, indices.map { scalars[$0] })
    return result.recorded(from: [self]) { gradient, _ in
      var sums = [Float](repeating: 0, count: own.count)
      for (place, index) in indices.enumerated() { sums[index] += gradient.scalars[place] }
      return [Tensor(own, sums)]
    }
  }

  /// Gathers rows of a matrix: `[rows.count, column]`.
  public func rows(_ rows: [Int]) -> Tensor {
    let columns = shape.channels
    let own = shape
    var result: [Float] = []
    result.reserveCapacity(rows.count * columns)
    for row in rows { result.append(contentsOf: scalars[row * columns..<(row + 1) * columns]) }
    return Tensor([rows.count, columns], result).recorded(from: [self]) { gradient, _ in
      var sums = [Float](repeating: 0, count: own.count)
      for (place, row) in rows.enumerated() {
        for column in 0..<columns {
          sums[row * columns + column] += gradient.scalars[place * columns + column]
        }
      }
      return [Tensor(own, sums)]
    }
  }

  /// Returns a contiguous range of elements with the given shape.
  public func elements(_ range: Range<Int>, _ shape: Shape) -> Tensor {
    let own = self.shape
    return Tensor(shape, Array(scalars[range])).recorded(from: [self]) { gradient, _ in
      var all = [Float](repeating: 0, count: own.count)
      all.replaceSubrange(range, with: gradient.scalars)
      return [Tensor(own, all)]
    }
  }

  /// Concatenates the elements of several tensors into a tensor of the given shape.
  public static func concatenated(_ parts: [Tensor], _ shape: Shape) -> Tensor {
    let result = Tensor(shape, parts.flatMap(\.scalars))
    let shapes = parts.map(\.shape)
    return result.recorded(from: parts) { gradient, _ in
      var first = 0
      return shapes.map { shape in
        defer { first += shape.count }
        return Tensor(shape, Array(gradient.scalars[first..<first + shape.count]))
      }
    }
  }

  /// Applies a function with a known derivative to each element.
  public func mapped(
    _ function: (Float) -> Float, derivative: @escaping @Sendable (Float) -> Float
  ) -> Tensor {
    let x = self
    return Tensor(shape, scalars.map(function)).recorded(from: [self]) { gradient, _ in
      [Tensor(x.shape, zip(gradient.scalars, x.scalars).map { $0 * derivative($1) })]
    }
  }

  /// Returns the element-wise product of two tensors of the same shape.
  public static func * (a: Tensor, b: Tensor) -> Tensor {
    precondition(a.shape == b.shape, "\(a.shape) and \(b.shape) cannot be multiplied")
    func product(_ a: Tensor, _ b: Tensor) -> Tensor {
      Tensor(a.shape, zip(a.scalars, b.scalars).map { $0 * $1 })
    }
    return product(a, b).recorded(from: [a, b]) { gradient, isWanted in
      [isWanted[0] ? product(gradient, b) : nil, isWanted[1] ? product(gradient, a) : nil]
    }
  }
}

import CKernels

extension Tensor {
  /// Multiplies along the innermost axis: activation(x · weights + bias + residual).
  ///
  /// - Parameters:
  ///   - weights: The weights, `[in, out]` or `[1, 1, in, out]`.
  ///   - bias: The bias, `[out]`.
  ///   - activation: The function applied last.
  ///   - residual: The tensor to add before the activation, of the result's shape.
  /// - Returns: The result, `[…, out]`, for an input `[…, in]`.
  public func product(
    _ weights: PackedWeights, bias: Tensor? = nil, activation: Activation = .none,
    adding residual: Tensor? = nil
  ) -> Tensor {
    let (k, n) = (shape.channels, weights.shape.channels)
    precondition(
      weights.shape.positions == k && weights.layout.rows == 1,
      "\(shape) cannot be multiplied by \(weights.shape)")
    let result = Shape(shape.dims.dropLast() + [n])
    let epilogue = Epilogue(
      bias: bias, residual: residual, activation: activation, result: result)
    let product = LayerTimes.timed(
      .product, "\(k) → \(n), \(shape.positions) positions",
      operations: 2 * Double(shape.positions) * Double(k * n)
    ) {
      Tensor(result) { buffer in
        PackedProduct(x: self, weights: weights, epilogue: epilogue).run(into: SharedOutput(buffer))
      }
    }
    let (x, y) = (untracked, product)
    return product.recorded(from: [self, weights.source, bias, residual]) { dy, isWanted in
      let dz = dy.activationPullback(activation, result: y) {
        x.product(weights.untracked, bias: bias?.untracked, adding: residual?.untracked)
      }
      return Tensor.productPullback(
        dz, x: x, weights: weights.source ?? weights.unpacked, isWanted: isWanted)
    }
  }

  /// Returns the transposed matrix.
  public func transposed() -> Tensor {
    precondition(shape.rank == 2, "\(shape) is not a matrix")
    let (rows, columns) = (shape[0], shape[1])
    let bands = evenParts(columns, length: 64)
    let result = Tensor([columns, rows]) { buffer in
      let output = SharedOutput(buffer)
      parallel(bands.count) { index in
        scalars.withUnsafeBufferPointer { x in
          let band = bands[index]
          ck_transpose(
            output.base + band.lowerBound * rows, rows, x.baseAddress! + band.lowerBound, columns,
            rows, band.count)
        }
      }
    }
    return result.recorded(from: [self]) { gradient, _ in [gradient.transposed()] }
  }

  /// Returns the element-wise sum of two tensors of the same shape.
  public static func + (a: Tensor, b: Tensor) -> Tensor {
    precondition(a.shape == b.shape, "\(a.shape) and \(b.shape) cannot be added")
    return Tensor(a.shape, zip(a.scalars, b.scalars).map { $0 + $1 })
      .recorded(from: [a, b]) { gradient, _ in [gradient, gradient] }
  }
}

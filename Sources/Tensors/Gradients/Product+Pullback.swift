extension Tensor {
  /// Returns the gradient of the activation's argument z from the gradient of activation(z).
  ///
  /// `argument` recomputes z = x · weights + bias + residual if the activation needs it.
  func activationPullback(
    _ activation: Activation, result: Tensor?, argument: () -> Tensor
  ) -> Tensor {
    var gradient = self
    switch activation {
    case .none: break
    // The result of a ReLU is positive exactly where its argument is.
    case .relu: activation.pullBack(&gradient, at: result ?? argument())
    case .gelu, .silu: activation.pullBack(&gradient, at: argument())
    }
    return gradient.untracked
  }

  /// Returns the sum over positions, `[…, channel]` → `[channel]`, accumulated in `Double` block by block in order.
  func positionSums() -> Tensor {
    let channels = shape.channels
    let blocks = evenParts(shape.positions, length: 4096)
    var partial = [Double](repeating: 0, count: blocks.count * channels)
    partial.withUnsafeMutableBufferPointer { buffer in
      // Each iteration writes its own sums, and the array outlives the loop.
      nonisolated(unsafe) let base = buffer.baseAddress!
      parallel(blocks.count) { index in
        scalars.withUnsafeBufferPointer { x in
          let sums = base + index * channels
          for position in blocks[index] {
            for channel in 0..<channels {
              sums[channel] += Double(x[position * channels + channel])
            }
          }
        }
      }
    }
    var total = [Double](repeating: 0, count: channels)
    for index in 0..<blocks.count {
      for channel in 0..<channels { total[channel] += partial[index * channels + channel] }
    }
    return Tensor([channels], total.map { Float($0) })
  }

  /// The pullback of `product`: gradients of x, weights `[in, out]`, bias, and residual.
  ///
  /// dx = dz · Wᵀ, dW = xᵀ · dz, db = Σ dz; the residual's gradient is dz.
  static func productPullback(
    _ dz: Tensor, x: Tensor, weights: Tensor, isWanted: [Bool]
  ) -> [Tensor?] {
    let (inputs, outputs) = (x.shape.channels, dz.shape.channels)
    let matrix = weights.reshaped([inputs, outputs])
    return [
      isWanted[0] ? dz.product(PackedWeights(matrix.transposed())) : nil,
      isWanted[1]
        ? BLAS.transposedProduct(x.untracked, dz).reshaped(weights.shape) : nil,
      isWanted[2] ? dz.positionSums() : nil,
      isWanted[3] ? dz : nil,
    ]
  }
}

extension BLAS {
  /// Returns aᵀ · b over all positions: `[…, m]` and `[…, n]` → `[m, n]`.
  ///
  /// The result is divided into bands of rows, each summed over all positions, so its bits do not depend on the
  /// number of threads.
  static func transposedProduct(_ a: Tensor, _ b: Tensor) -> Tensor {
    let (m, n, k) = (a.shape.channels, b.shape.channels, a.shape.positions)
    precondition(
      b.shape.positions == k, "\(a.shape) and \(b.shape) have different numbers of positions")
    return Tensor([m, n]) { buffer in
      let output = SharedOutput(buffer)
      let bands = evenParts(m, length: bandOfRows)
      parallel(bands.count) { index in
        a.scalars.withUnsafeBufferPointer { a in
          b.scalars.withUnsafeBufferPointer { b in
            let band = bands[index]
            multiplyTransposed(
              Operand(a.baseAddress! + band.lowerBound, stride: m),
              Operand(b.baseAddress!, stride: n), into: output.base + band.lowerBound * n,
              stride: n, m: band.count, n: n, k: k, adding: false)
          }
        }
      }
    }
  }

  /// The number of rows of a weight gradient that are computed together.
  static var bandOfRows: Int { 64 }
}

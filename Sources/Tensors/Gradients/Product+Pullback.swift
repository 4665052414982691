extension Tensor {
  /// The gradient of activation(z) · w, given that of the result, where z = x · weights + bias + residual is computed
  /// again if the activation needs it.
  func activationPullback(
    _ activation: Activation, result: Tensor?, argument: () -> Tensor
  ) -> Tensor {
    var gradient = self
    switch activation {
    case .none: break
    // A rectified result is positive where its argument was.
    case .relu: activation.pullBack(&gradient, at: result ?? argument())
    case .gelu, .silu: activation.pullBack(&gradient, at: argument())
    }
    return gradient.untracked
  }

  /// Σ over positions: `[…, channel]` → `[channel]`, in doubles, block by block in order.
  func positionSums() -> Tensor {
    let channels = shape.channels
    let blocks = evenParts(shape.positions, length: 4096)
    var partial = [Double](repeating: 0, count: blocks.count * channels)
    partial.withUnsafeMutableBufferPointer { buffer in
      // Each part writes its own sums, and the array outlives the loop.
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

  /// The pullback of `product`: gradients of x, weights `[in, out]`, bias and residual.
  ///
  /// dx = dz · Wᵀ, dW = xᵀ · dz, db = Σ dz, and dz itself for what was added.
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
  /// aᵀ · b over positions: `[…, m]` and `[…, n]` → `[m, n]`.
  ///
  /// Cut into bands of rows of the result, each over all positions, so that no bit depends on the number of threads.
  static func transposedProduct(_ a: Tensor, _ b: Tensor) -> Tensor {
    let (m, n, k) = (a.shape.channels, b.shape.channels, a.shape.positions)
    precondition(b.shape.positions == k, "\(a.shape) and \(b.shape) have other positions")
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

  /// Rows of a weight gradient that are summed together.
  static var bandOfRows: Int { 64 }
}

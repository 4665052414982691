import CKernels

/// The parameters of a group normalization and its activation, stored for the backward pass.
struct GroupNormalization: Sendable, Equatable {
  let groups: Int
  let epsilon: Float
  let gain: Tensor
  let bias: Tensor
  let activation: Activation

  /// Returns the gradients of x, gain, and bias from the gradient of y = activation(norm(x) · gain + bias).
  ///
  /// With x̂ = (x − μ)/σ and the gradient du of the activation's argument: dbias = Σ du, dgain = Σ du·x̂, and
  /// dx = (gain·du − mean(gain·du) − x̂·mean(gain·du·x̂))/σ, with means over each group. Takes three passes over
  /// memory.
  func pullback(_ dy: Tensor, x: Tensor, map: ChannelMap) -> (x: Tensor, gain: Tensor, bias: Tensor)
  {
    var du = dy.untracked
    if activation != .none {
      activation.pullBack(
        &du,
        at: x.untracked.mapped(
          by: ChannelMap(
            factors: map.factors, offsets: map.offsets, channels: map.channels, activation: .none)))
    }
    return pullback(argument: du, x: x.untracked)
  }

  /// Returns the same gradients from du, the gradient of the activation's argument.
  func pullback(argument du: Tensor, x: Tensor) -> (x: Tensor, gain: Tensor, bias: Tensor) {
    let (batch, rows, columns, channels) = x.shape.image
    let size = channels / groups
    let count = Double(size * rows * columns)
    var (gains, biases) = (
      [Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels)
    )
    let zeros = [Float](repeating: 0, count: batch * channels)
    var (ofGradient, ofX, constant) = (zeros, zeros, zeros)
    for image in 0..<batch {
      let positions = image * rows * columns..<(image + 1) * rows * columns
      let (sums, squares) = x.channelMoments(of: positions)
      let (ones, products) = du.jointMoments(with: x, of: positions)
      for group in 0..<groups {
        let members = group * size..<(group + 1) * size
        let mean = sums[members].reduce(0, +) / count
        let variance = max(squares[members].reduce(0, +) / count - mean * mean, 0)
        let scale = 1 / (variance + Double(epsilon)).squareRoot()
        var (meanOne, meanX) = (0.0, 0.0)
        for c in members {
          let form = (products[c] - mean * ones[c]) * scale
          gains[c] += form
          biases[c] += ones[c]
          meanOne += Double(gain.scalars[c]) * ones[c] / count
          meanX += Double(gain.scalars[c]) * form / count
        }
        for c in members {
          let place = image * channels + c
          ofGradient[place] = Float(Double(gain.scalars[c]) * scale)
          ofX[place] = Float(-meanX * scale * scale)
          constant[place] = Float(-meanOne * scale + meanX * scale * scale * mean)
        }
      }
    }
    return (
      Self.combined(du, x, ofGradient, ofX, constant), Tensor([channels], gains.map { Float($0) }),
      Tensor([channels], biases.map { Float($0) })
    )
  }

  /// Returns ofGradient · du + ofX · x + constant, with coefficients for each channel of each image.
  private static func combined(
    _ du: Tensor, _ x: Tensor, _ ofGradient: [Float], _ ofX: [Float], _ constant: [Float]
  ) -> Tensor {
    let (batch, rows, columns, channels) = x.shape.image
    return Tensor(x.shape) { buffer in
      let output = SharedOutput(buffer)
      parallel(batch * rows) { index in
        let (start, first) = (index * columns * channels, index / rows * channels)
        du.scalars.withUnsafeBufferPointer { du in
          x.scalars.withUnsafeBufferPointer { x in
            ofGradient.withUnsafeBufferPointer { ofGradient in
              ofX.withUnsafeBufferPointer { ofX in
                constant.withUnsafeBufferPointer { constant in
                  ck_combine(
                    output.base + start, du.baseAddress! + start, x.baseAddress! + start, columns,
                    channels, ofGradient.baseAddress! + first, ofX.baseAddress! + first,
                    constant.baseAddress! + first)
                }
              }
            }
          }
        }
      }
    }
  }
}

extension Tensor {
  /// Returns Σ g and Σ g·x of each channel over a range of positions, where g is this tensor; accumulated block by
  /// block in order.
  fileprivate func jointMoments(
    with x: Tensor, of positions: Range<Int>
  ) -> (sums: [Double], products: [Double]) {
    let channels = shape.channels
    let blocks = evenParts(positions.count, length: 2048)
    var partial = [Double](repeating: 0, count: blocks.count * 2 * channels)
    partial.withUnsafeMutableBufferPointer { buffer in
      // Each iteration writes its own sums, and the array outlives the loop.
      nonisolated(unsafe) let base = buffer.baseAddress!
      parallel(blocks.count) { index in
        let start = (positions.lowerBound + blocks[index].lowerBound) * channels
        let sums = base + index * 2 * channels
        scalars.withUnsafeBufferPointer { g in
          x.scalars.withUnsafeBufferPointer { x in
            ck_joint_moments(
              sums, sums + channels, g.baseAddress! + start, x.baseAddress! + start,
              blocks[index].count, channels)
          }
        }
      }
    }
    var total = [Double](repeating: 0, count: 2 * channels)
    for index in 0..<blocks.count {
      for c in 0..<2 * channels { total[c] += partial[index * 2 * channels + c] }
    }
    return (Array(total[..<channels]), Array(total[channels...]))
  }

  /// Returns the gradients of x, gain, and bias of a layer normalization; this tensor is the gradient of its
  /// result.
  func layerNormPullback(
    x: Tensor, gain: Tensor, epsilon: Float
  ) -> (x: Tensor, gain: Tensor, bias: Tensor) {
    let channels = shape.channels
    let blocks = evenParts(shape.positions, length: 256)
    var partial = [Double](repeating: 0, count: blocks.count * 2 * channels)
    let dx = Tensor(shape) { buffer in
      let output = SharedOutput(buffer)
      partial.withUnsafeMutableBufferPointer { sums in
        // Each iteration writes its own sums, and the array outlives the loop.
        nonisolated(unsafe) let base = sums.baseAddress!
        parallel(blocks.count) { index in
          let start = blocks[index].lowerBound * channels
          let sums = base + index * 2 * channels
          scalars.withUnsafeBufferPointer { dy in
            x.scalars.withUnsafeBufferPointer { x in
              ck_layer_norm_pullback(
                output.base + start, sums, sums + channels, dy.baseAddress! + start,
                x.baseAddress! + start, blocks[index].count, channels, gain.scalars, epsilon)
            }
          }
        }
      }
    }
    var total = [Double](repeating: 0, count: 2 * channels)
    for index in 0..<blocks.count {
      for c in 0..<2 * channels { total[c] += partial[index * 2 * channels + c] }
    }
    return (
      dx, Tensor([channels], total[..<channels].map { Float($0) }),
      Tensor([channels], total[channels...].map { Float($0) })
    )
  }
}

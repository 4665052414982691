import CKernels

/// Positions whose moments are summed in one go; the bits of a result depend on it.
private let positionsPerSum = 2048

extension Tensor {
  /// Brings each token to mean 0 and variance 1, then applies gain and bias (Ba et al., arXiv:1607.06450).
  ///
  /// Gain and bias are `[channel]`; the epsilon is added to the variance.
  public func layerNormalized(gain: Tensor, bias: Tensor, epsilon: Float) -> Tensor {
    let channels = shape.channels
    precondition(gain.shape == [channels] && bias.shape == [channels])
    let blocks = evenParts(shape.positions, length: 256)
    return LayerTimes.timed(.normalization, "\(shape)") {
      Tensor(shape) { buffer in
        let output = SharedOutput(buffer)
        parallel(blocks.count) { index in
          let start = blocks[index].lowerBound * channels
          scalars.withUnsafeBufferPointer { x in
            ck_layer_norm(
              output.base + start, x.baseAddress! + start, blocks[index].count, channels,
              gain.scalars, bias.scalars, epsilon)
          }
        }
      }
    }
  }

  /// Brings each group of channels of each image to mean 0 and variance 1 (Wu & He, arXiv:1803.08494).
  ///
  /// Then x = activation(x · gain + bias + residual), in place, for x `[batch, row, column, channel]`, a gain and
  /// bias of `[channel]` and a residual of x's shape. The number of groups divides that of the channels; the
  /// epsilon is added to the variance. The moments are sums of doubles.
  public mutating func groupNormalize(
    groups: Int, gain: Tensor, bias: Tensor, epsilon: Float, activation: Activation = .none,
    adding residual: Tensor? = nil
  ) {
    let shape = shape
    LayerTimes.timed(.normalization, "\(shape)") {
      let maps = affineMaps(groups: groups, gain: gain, bias: bias, epsilon: epsilon)
      let epilogue = Epilogue(bias: nil, residual: residual, activation: activation, result: shape)
      scalars.withUnsafeMutableBufferPointer { buffer in
        let output = SharedOutput(buffer)
        Self.apply(maps, shape, epilogue) {
          UnsafePointer(output.base + $0)
        } to: {
          output.base + $0
        }
      }
    }
  }

  /// The same into a new tensor, for one that is needed on.
  public func groupNormalized(
    groups: Int, gain: Tensor, bias: Tensor, epsilon: Float, activation: Activation = .none
  ) -> Tensor {
    LayerTimes.timed(.normalization, "\(shape)") {
      let maps = affineMaps(groups: groups, gain: gain, bias: bias, epsilon: epsilon)
      let epilogue = Epilogue(bias: nil, residual: nil, activation: activation, result: shape)
      return Tensor(shape) { buffer in
        let output = SharedOutput(buffer)
        scalars.withUnsafeBufferPointer { x in
          // Read only, and it outlives the loop.
          nonisolated(unsafe) let input = x.baseAddress!
          Self.apply(maps, shape, epilogue) {
            input + $0
          } to: {
            output.base + $0
          }
        }
      }
    }
  }

  /// y = epilogue(x · factor + offset) with a map for each image; the two may be one place.
  private static func apply(
    _ maps: [AffineMap], _ shape: Shape, _ epilogue: Epilogue,
    from source: @Sendable (Int) -> UnsafePointer<Float>,
    to target: @Sendable (Int) -> UnsafeMutablePointer<Float>
  ) {
    let (batch, rows, columns, channels) = shape.image
    let blocks = evenParts(rows * columns, length: positionsPerSum)
    parallel(batch * blocks.count) { index in
      let (image, block) = index.quotientAndRemainder(dividingBy: blocks.count)
      let offset = (image * rows * columns + blocks[block].lowerBound) * channels
      let (x, y) = (source(offset), target(offset))
      maps[image].factors.withUnsafeBufferPointer { factors in
        maps[image].offsets.withUnsafeBufferPointer { offsets in
          for position in stride(from: 0, to: blocks[block].count * channels, by: channels) {
            for c in 0..<channels { y[position + c] = x[position + c] * factors[c] + offsets[c] }
          }
        }
      }
      epilogue.finish(y, offset: offset, rows: blocks[block].count, channels: channels)
    }
  }

  /// What normalises an image and applies gain and bias: x · factor + offset for each channel.
  private struct AffineMap {
    var factors: [Float]
    var offsets: [Float]
  }

  private func affineMaps(
    groups: Int, gain: Tensor, bias: Tensor, epsilon: Float
  ) -> [AffineMap] {
    let (batch, rows, columns, channels) = shape.image
    precondition(channels % groups == 0, "\(channels) channels are no \(groups) groups")
    precondition(gain.shape == [channels] && bias.shape == [channels])
    return (0..<batch).map { image in
      let first = image * rows * columns
      return affine(
        ofGroups: groups, gain: gain.scalars, bias: bias.scalars, epsilon: epsilon,
        positions: first..<first + rows * columns)
    }
  }

  /// The map of one image, from the moments of its positions.
  private func affine(
    ofGroups groups: Int, gain: [Float], bias: [Float], epsilon: Float, positions: Range<Int>
  ) -> AffineMap {
    let channels = shape.channels
    let (sums, squares) = channelMoments(of: positions)
    let size = channels / groups
    let count = Double(size * positions.count)
    let zeros = [Float](repeating: 0, count: channels)
    var map = AffineMap(factors: zeros, offsets: zeros)
    for group in 0..<groups {
      let members = group * size..<(group + 1) * size
      let mean = sums[members].reduce(0, +) / count
      let variance = max(squares[members].reduce(0, +) / count - mean * mean, 0)
      let scale = 1 / (variance + Double(epsilon)).squareRoot()
      for c in members {
        map.factors[c] = Float(scale * Double(gain[c]))
        map.offsets[c] = Float(Double(bias[c]) - mean * scale * Double(gain[c]))
      }
    }
    return map
  }

  /// Each channel's sum and sum of squares, added block by block in order.
  private func channelMoments(of positions: Range<Int>) -> (sums: [Double], squares: [Double]) {
    let channels = shape.channels
    let blocks = evenParts(positions.count, length: positionsPerSum)
    var partial = [Double](repeating: 0, count: blocks.count * 2 * channels)
    partial.withUnsafeMutableBufferPointer { buffer in
      // Each part writes its own sums, and the array outlives the loop.
      nonisolated(unsafe) let base = buffer.baseAddress!
      parallel(blocks.count) { index in
        scalars.withUnsafeBufferPointer { x in
          let start = (positions.lowerBound + blocks[index].lowerBound) * channels
          let sums = base + index * 2 * channels
          ck_moments(sums, sums + channels, x.baseAddress! + start, blocks[index].count, channels)
        }
      }
    }
    var total = [Double](repeating: 0, count: 2 * channels)
    for index in 0..<blocks.count {
      for c in 0..<2 * channels { total[c] += partial[index * 2 * channels + c] }
    }
    return (Array(total[..<channels]), Array(total[channels...]))
  }
}

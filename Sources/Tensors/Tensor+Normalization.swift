import CKernels

/// The number of positions per partial sum of moments; the exact bits of results depend on it.
private let positionsPerSum = 2048

extension Tensor {
  /// Layer normalization: scales each token to mean 0 and variance 1, then applies gain and bias (Ba et al.,
  /// arXiv:1607.06450).
  ///
  /// Gain and bias are `[channel]`; epsilon is added to the variance.
  public func layerNormalized(gain: Tensor, bias: Tensor, epsilon: Float) -> Tensor {
    let channels = shape.channels
    precondition(gain.shape == [channels] && bias.shape == [channels])
    let blocks = evenParts(shape.positions, length: 256)
    let result = LayerTimes.timed(.normalization, "\(shape)") {
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
    let x = self
    return result.recorded(from: [self, gain, bias]) { dy, _ in
      let (dx, dGain, dBias) = dy.layerNormPullback(x: x, gain: gain, epsilon: epsilon)
      return [dx, dGain, dBias]
    }
  }

  /// Group normalization in place: scales each group of channels of each image to mean 0 and variance 1 (Wu & He,
  /// arXiv:1803.08494).
  ///
  /// Then it computes activation(x · gain + bias + residual). The tensor is `[batch, row, column, channel]`; gain
  /// and bias are `[channel]`, and the residual has the tensor's shape. The number of channels must be a multiple
  /// of `groups`; epsilon is added to the variance. Moments are summed in `Double`. Takes two passes over memory.
  public mutating func groupNormalize(
    groups: Int, gain: Tensor, bias: Tensor, epsilon: Float, activation: Activation = .none,
    adding residual: Tensor? = nil
  ) {
    precondition(
      residual.map { $0.shape == shape } ?? true, "the residual must have the shape \(shape)")
    let map = groupMap(
      groups: groups, gain: gain, bias: bias, epsilon: epsilon, activation: activation)
    let (batch, rows, columns, channels) = shape.image
    // The previous values are needed only for the pullback.
    let before = map.normalization == nil && residual?.node == nil ? nil : self
    LayerTimes.timed(.normalization, "\(shape)") {
      scalars.withUnsafeMutableBufferPointer { buffer in
        let x = SharedOutput(buffer)
        parallel(batch * rows) { index in
          let start = index * columns * channels
          (residual?.scalars ?? []).withUnsafeBufferPointer { added in
            map.apply(
              x.base + start, to: x.base + start, image: index / rows, positions: columns,
              adding: residual == nil ? nil : added.baseAddress! + start)
          }
        }
      }
    }
    guard let x = before else { return }
    let normalization = GroupNormalization(
      groups: groups, epsilon: epsilon, gain: gain, bias: bias, activation: activation)
    self = untracked.recorded(from: [x, gain, bias, residual]) { dy, isWanted in
      let du = dy.activationPullback(activation, result: nil) {
        let normalized = x.untracked.mapped(by: map.withoutActivation)
        return residual.map { normalized + $0.untracked } ?? normalized
      }
      let (dx, dGain, dBias) = normalization.pullback(argument: du, x: x.untracked)
      return [dx, dGain, dBias, isWanted[3] ? du : nil]
    }
  }

  /// Group normalization into a new tensor, for an input that is still needed.
  public func groupNormalized(
    groups: Int, gain: Tensor, bias: Tensor, epsilon: Float, activation: Activation = .none
  ) -> Tensor {
    let map = groupMap(
      groups: groups, gain: gain, bias: bias, epsilon: epsilon, activation: activation)
    let x = self
    let result = LayerTimes.timed(.normalization, "\(shape)") { mapped(by: map) }
    return result.recorded(from: [self, gain, bias]) { dy, _ in
      guard let normalization = map.normalization else {
        preconditionFailure("a map with gradient recording stores its normalization")
      }
      let (dx, dGain, dBias) = normalization.pullback(dy, x: x, map: map)
      return [dx, dGain, dBias]
    }
  }

  /// Returns a group normalization as a map with known moments, which a convolution can apply on the fly.
  ///
  /// Takes one pass over memory.
  public func groupMap(
    groups: Int, gain: Tensor, bias: Tensor, epsilon: Float, activation: Activation = .none
  ) -> ChannelMap {
    let (batch, rows, columns, channels) = shape.image
    precondition(
      channels % groups == 0, "\(channels) channels cannot be divided into \(groups) groups")
    precondition(gain.shape == [channels] && bias.shape == [channels])
    return LayerTimes.timed(.normalization, "moments of \(shape)") {
      let zeros = [Float](repeating: 0, count: batch * channels)
      var map = ChannelMap(
        factors: zeros, offsets: zeros, channels: channels, activation: activation)
      for image in 0..<batch {
        let first = image * rows * columns
        addMap(
          of: image, ofGroups: groups, gain: gain.scalars, bias: bias.scalars, epsilon: epsilon,
          positions: first..<first + rows * columns, to: &map)
      }
      if node != nil || gain.node != nil || bias.node != nil {
        map.normalization = GroupNormalization(
          groups: groups, epsilon: epsilon, gain: gain, bias: bias, activation: activation)
      }
      return map
    }
  }

  /// Adds the map of one image, computed from the moments of its positions.
  private func addMap(
    of image: Int, ofGroups groups: Int, gain: [Float], bias: [Float], epsilon: Float,
    positions: Range<Int>, to map: inout ChannelMap
  ) {
    let channels = shape.channels
    let (sums, squares) = channelMoments(of: positions)
    let size = channels / groups
    let count = Double(size * positions.count)
    for group in 0..<groups {
      let members = group * size..<(group + 1) * size
      let mean = sums[members].reduce(0, +) / count
      let variance = max(squares[members].reduce(0, +) / count - mean * mean, 0)
      let scale = 1 / (variance + Double(epsilon)).squareRoot()
      for c in members {
        map.factors[image * channels + c] = Float(scale * Double(gain[c]))
        map.offsets[image * channels + c] = Float(Double(bias[c]) - mean * scale * Double(gain[c]))
      }
    }
  }

  /// Returns the sum and the sum of squares of each channel, accumulated block by block in order.
  func channelMoments(of positions: Range<Int>) -> (sums: [Double], squares: [Double]) {
    let channels = shape.channels
    let blocks = evenParts(positions.count, length: positionsPerSum)
    var partial = [Double](repeating: 0, count: blocks.count * 2 * channels)
    partial.withUnsafeMutableBufferPointer { buffer in
      // Each iteration writes its own sums, and the array outlives the loop.
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

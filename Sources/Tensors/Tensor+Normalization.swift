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
    return result.made(of: [self, gain, bias]) { dy, _ in
      let (dx, dGain, dBias) = dy.layerNormPullback(x: x, gain: gain, epsilon: epsilon)
      return [dx, dGain, dBias]
    }
  }

  /// Brings each group of channels of each image to mean 0 and variance 1 (Wu & He, arXiv:1803.08494).
  ///
  /// Then x = activation(x · gain + bias + residual), in place, for x `[batch, row, column, channel]`, a gain and
  /// bias of `[channel]` and a residual of x's shape. The number of groups divides that of the channels; the
  /// epsilon is added to the variance. The moments are sums of doubles. Two passes over memory.
  public mutating func groupNormalize(
    groups: Int, gain: Tensor, bias: Tensor, epsilon: Float, activation: Activation = .none,
    adding residual: Tensor? = nil
  ) {
    precondition(residual.map { $0.shape == shape } ?? true, "what is added has the result's shape")
    let map = groupMap(
      groups: groups, gain: gain, bias: bias, epsilon: epsilon, activation: activation)
    let (batch, rows, columns, channels) = shape.image
    // Only a way back needs what was there before.
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
    self = untracked.made(of: [x, gain, bias, residual]) { dy, isWanted in
      let du = dy.activationPullback(activation, result: nil) {
        let normalized = x.untracked.mapped(by: map.withoutActivation)
        return residual.map { normalized + $0.untracked } ?? normalized
      }
      let (dx, dGain, dBias) = normalization.pullback(argument: du, x: x.untracked)
      return [dx, dGain, dBias, isWanted[3] ? du : nil]
    }
  }

  /// The same into a new tensor, for one that is needed on.
  public func groupNormalized(
    groups: Int, gain: Tensor, bias: Tensor, epsilon: Float, activation: Activation = .none
  ) -> Tensor {
    let map = groupMap(
      groups: groups, gain: gain, bias: bias, epsilon: epsilon, activation: activation)
    let x = self
    let result = LayerTimes.timed(.normalization, "\(shape)") { mapped(by: map) }
    return result.made(of: [self, gain, bias]) { dy, _ in
      guard let normalization = map.normalization else {
        preconditionFailure("a map with a way back knows its normalisation")
      }
      let (dx, dGain, dBias) = normalization.pullback(dy, x: x, map: map)
      return [dx, dGain, dBias]
    }
  }

  /// What the same does once the moments are known, for a convolution to do on its way.
  ///
  /// One pass over memory.
  public func groupMap(
    groups: Int, gain: Tensor, bias: Tensor, epsilon: Float, activation: Activation = .none
  ) -> ChannelMap {
    let (batch, rows, columns, channels) = shape.image
    precondition(channels % groups == 0, "\(channels) channels are no \(groups) groups")
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

  /// The map of one image, from the moments of its positions.
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

  /// Each channel's sum and sum of squares, added block by block in order.
  func channelMoments(of positions: Range<Int>) -> (sums: [Double], squares: [Double]) {
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

/// The backward pass through a convolution and the operations fused with it.
struct ConvolutionPullback: Sendable {
  /// The stored input, without gradient recording.
  let x: Tensor
  let kernel: PackedWeights
  let preparation: InputPreparation
  let gradient: ConvolutionGradient

  /// Returns the gradients of x, kernel, bias, and residual, and of the gain and bias of a fused normalization.
  ///
  /// - Parameters:
  ///   - dz: The gradient of the activation's argument, after bias and residual.
  ///   - isWanted: Which of the six gradients are needed.
  /// - Returns: The six gradients; nil for those that are not needed.
  func callAsFunction(_ dz: Tensor, _ isWanted: [Bool]) -> [Tensor?] {
    let prepared = isWanted[1] ? self.prepared : nil
    var dx: Tensor?
    var (dGain, dBias): (Tensor?, Tensor?)
    if isWanted[0] || isWanted[4] || isWanted[5] {
      let dPrepared = gradient.input(dz, kernel: kernel.source?.untracked ?? kernel.unpacked)
      switch preparation {
      case .none: dx = dPrepared
      case .rectified:
        var rectified = dPrepared
        Activation.relu.pullBack(&rectified, at: x)
        dx = rectified
      case .doubled: dx = dPrepared.doubledPullback()
      case .mapped(let map):
        guard let normalization = map.normalization else {
          // Factors and offsets from other sources are constants.
          preconditionFailure("a map with gradient recording stores its normalization")
        }
        (dx, dGain, dBias) = normalization.pullback(dPrepared, x: x, map: map)
      }
    }
    return [
      dx, prepared.map { gradient.weights($0, dz) }, isWanted[2] ? dz.positionSums() : nil,
      isWanted[3] ? dz : nil, dGain, dBias,
    ]
  }

  /// The prepared input of the kernel, without zero padding.
  private var prepared: Tensor {
    switch preparation {
    case .none: x
    case .rectified: Tensor(x.shape, x.scalars.map { rectified($0) })
    case .mapped(let map): x.mapped(by: map)
    case .doubled: doubled
    }
  }

  private var doubled: Tensor {
    let (batch, rows, columns, channels) = x.shape.image
    return Tensor([batch, 2 * rows, 2 * columns, channels]) { buffer in
      let output = SharedOutput(buffer)
      parallel(batch * 2 * rows) { line in
        x.scalars.withUnsafeBufferPointer { x in
          let from = x.baseAddress! + line / 2 * columns * channels
          let to = output.base + line * 2 * columns * channels
          for column in 0..<2 * columns {
            (to + column * channels).update(from: from + column / 2 * channels, count: channels)
          }
        }
      }
    }
  }
}

extension InputPreparation {
  /// The gain and bias of a fused normalization with gradient recording.
  var gain: Tensor? { normalization?.gain }
  var bias: Tensor? { normalization?.bias }

  private var normalization: GroupNormalization? {
    if case .mapped(let map) = self { map.normalization } else { nil }
  }

  /// The same preparation without gradient recording.
  var untracked: InputPreparation {
    guard case .mapped(var map) = self else { return self }
    map.normalization = nil
    return .mapped(map)
  }
}

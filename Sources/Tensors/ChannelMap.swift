import CKernels

/// y = activation(x · factor + offset), with a factor and an offset for each channel of each image.
///
/// What a normalisation does once the moments are known. A convolution takes it as its preparation, so that the
/// normalised map is never held.
public struct ChannelMap: Sendable, Equatable {
  /// `[batch, channel]`.
  var factors: [Float]
  var offsets: [Float]
  let channels: Int
  let activation: Activation
  /// What it does, where gradients are wanted.
  var normalization: GroupNormalization?

  /// Maps so many positions of one image: `[position, channel]`; x and y may be one place.
  func apply(
    _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, image: Int, positions: Int,
    adding residual: UnsafePointer<Float>? = nil
  ) {
    factors.withUnsafeBufferPointer { factors in
      offsets.withUnsafeBufferPointer { offsets in
        ck_channel_map(
          y, channels, x, channels, positions, channels, factors.baseAddress! + image * channels,
          offsets.baseAddress! + image * channels, residual, activation.kernelCode)
      }
    }
  }
}

extension ChannelMap {
  /// The same up to the activation.
  var withoutActivation: ChannelMap {
    ChannelMap(factors: factors, offsets: offsets, channels: channels, activation: .none)
  }
}

extension Tensor {
  /// The map of every position of `[batch, row, column, channel]`.
  func mapped(by map: ChannelMap) -> Tensor {
    let (batch, rows, columns, channels) = shape.image
    return Tensor(shape) { buffer in
      let output = SharedOutput(buffer)
      parallel(batch * rows) { index in
        scalars.withUnsafeBufferPointer { x in
          let start = index * columns * channels
          map.apply(
            x.baseAddress! + start, to: output.base + start, image: index / rows,
            positions: columns)
        }
      }
    }
  }
}

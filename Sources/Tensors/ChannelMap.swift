import CKernels

/// A per-channel affine map and an activation: y = activation(x · factor + offset), with one factor and offset for
/// each channel of each image.
///
/// It is a normalization whose moments have been computed. A convolution can apply it as input preparation, so that
/// the normalized map is never stored.
public struct ChannelMap: Sendable, Equatable {
  /// The factors, `[batch, channel]`.
  var factors: [Float]
  /// The offsets, `[batch, channel]`.
  var offsets: [Float]
  let channels: Int
  let activation: Activation
  /// The normalization that the map implements, if gradients are recorded.
  var normalization: GroupNormalization?

  /// Maps positions of one image, `[position, channel]`; `x` and `y` may be the same memory.
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
  /// The map without its activation.
  var withoutActivation: ChannelMap {
    ChannelMap(factors: factors, offsets: offsets, channels: channels, activation: .none)
  }
}

extension Tensor {
  /// Applies the map to every position of `[batch, row, column, channel]`.
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

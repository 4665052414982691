import Tensors

/// Group normalization with a gain and a bias for each channel.
final class GroupNorm: Sendable {
  let groups: Int
  let epsilon: Float
  let gain: Tensor
  let bias: Tensor

  private init(_ gain: Tensor, _ bias: Tensor, groups: Int, epsilon: Float) {
    (self.gain, self.bias) = (gain, bias)
    (self.groups, self.epsilon) = (groups, epsilon)
  }

  init(_ weights: Weights, channels: Int, groups: Int, epsilon: Double) throws {
    self.groups = groups
    self.epsilon = Float(epsilon)
    gain = try weights.tensor("weight", [channels])
    bias = try weights.tensor("bias", [channels])
  }

  /// Normalizes `x` in place.
  func callAsFunction(
    _ x: consuming Tensor, activation: Activation = .none, adding residual: Tensor? = nil
  ) -> Tensor {
    x.groupNormalize(
      groups: groups, gain: gain, bias: bias, epsilon: epsilon, activation: activation,
      adding: residual)
    return x
  }

  /// Returns the normalization of `x` as an input preparation, which the next convolution applies while it reads `x`.
  func preparation(of x: Tensor, activation: Activation) -> InputPreparation {
    .mapped(
      x.groupMap(
        groups: groups, gain: gain, bias: bias, epsilon: epsilon, activation: activation))
  }

  /// Returns the normalized `x` as a new tensor, for an `x` that is still needed.
  func normalized(_ x: Tensor, activation: Activation = .none) -> Tensor {
    x.groupNormalized(
      groups: groups, gain: gain, bias: bias, epsilon: epsilon, activation: activation)
  }
}

extension GroupNorm {
  /// Returns the normalization with its result multiplied by 1 + scale and then shifted.
  ///
  /// `scaleAndShift` is `[1, 2 · channel]`, with all scales first.
  func modulated(by scaleAndShift: Tensor) -> GroupNorm {
    let channels = gain.shape.channels
    let factor = scaleAndShift.elements(0..<channels, gain.shape)
      .mapped({ 1 + $0 }, derivative: { _ in 1 })
    let shift = scaleAndShift.elements(channels..<2 * channels, bias.shape)
    return GroupNorm(gain * factor, bias * factor + shift, groups: groups, epsilon: epsilon)
  }
}

/// Layer normalization of each token, with a gain and a bias for each channel.
final class LayerNorm: Sendable {
  let epsilon: Float
  let gain: Tensor
  let bias: Tensor

  init(_ weights: Weights, channels: Int, epsilon: Double) throws {
    self.epsilon = Float(epsilon)
    gain = try weights.tensor("weight", [channels])
    bias = try weights.tensor("bias", [channels])
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    x.layerNormalized(gain: gain, bias: bias, epsilon: epsilon)
  }
}

import Tensors

/// Group normalisation with a gain and bias for each channel, in place.
struct GroupNorm: Sendable {
  let groups: Int
  let epsilon: Float
  let gain: Tensor
  let bias: Tensor

  init(_ weights: Weights, channels: Int, groups: Int, epsilon: Double) throws {
    self.groups = groups
    self.epsilon = Float(epsilon)
    gain = try weights.tensor("weight", [channels])
    bias = try weights.tensor("bias", [channels])
  }

  func callAsFunction(
    _ x: consuming Tensor, activation: Activation = .none, adding residual: Tensor? = nil
  ) -> Tensor {
    x.groupNormalize(
      groups: groups, gain: gain, bias: bias, epsilon: epsilon, activation: activation,
      adding: residual)
    return x
  }
}

/// Layer normalisation of each token, with a gain and bias for each channel.
struct LayerNorm: Sendable {
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

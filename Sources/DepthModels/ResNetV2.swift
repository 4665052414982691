import Tensors

/// The convolutional part of a hybrid encoder: a stem and stages of bottlenecks, down to 1/16 of the image's size.
///
/// Filters are weight-standardized, group normalization follows each convolution, and padding is TensorFlow's `SAME`.
/// Source: Kolesnikov et al., "Big Transfer", arXiv:1912.11370, in timm's non-preactivation variant.
struct ResNetV2: Sendable {
  let stem: Convolution
  let stemNorm: GroupNorm
  let stages: [[Bottleneck]]

  init(_ weights: Weights, _ sizes: CoarseArchitecture.Hybrid) throws {
    stem = try Convolution(
      weights["stem"]["conv"], inputs: 3, outputs: sizes.stem, size: 7, stride: 2, padding: .same,
      hasBias: false, standardizationEpsilon: sizes.standardizationEpsilon)
    stemNorm = try GroupNorm(
      weights["stem"]["norm"], channels: sizes.stem, groups: sizes.groups,
      epsilon: sizes.normEpsilon)
    var inputs = sizes.stem
    var stages: [[Bottleneck]] = []
    for (index, (depth, width)) in zip(sizes.depths, sizes.widths).enumerated() {
      var blocks: [Bottleneck] = []
      for block in 0..<depth {
        blocks.append(
          try Bottleneck(
            weights["stages"][index]["blocks"][block], inputs: inputs, outputs: width,
            stride: block == 0 && index > 0 ? 2 : 1, hasShortcut: block == 0, sizes))
        inputs = width
      }
      stages.append(blocks)
    }
    self.stages = stages
  }

  /// Returns the output of every stage, at 1/4, 1/8 and 1/16 of the image's size.
  func callAsFunction(_ image: Tensor) -> [Tensor] {
    var x = stemNorm(stem(image), activation: .relu).maxPooled()
    var outputs: [Tensor] = []
    for stage in stages {
      for block in stage { x = Gradients.block([x]) { block($0[0]) } }
      outputs.append(x)
    }
    return outputs
  }
}

/// A bottleneck block: relu(shortcut(x) + 1×1 ∘ 3×3 ∘ 1×1), with a quarter of the channels inside.
struct Bottleneck: Sendable {
  private let convolutions: [Convolution]
  private let norms: [GroupNorm]
  /// A projection if the size or the number of channels changes; nil for the identity.
  private let shortcut: (convolution: Convolution, norm: GroupNorm)?

  init(
    _ weights: Weights, inputs: Int, outputs: Int, stride: Int, hasShortcut: Bool,
    _ sizes: CoarseArchitecture.Hybrid
  ) throws {
    func convolution(
      _ weights: Weights, _ inputs: Int, _ outputs: Int, size: Int, stride: Int = 1
    ) throws -> Convolution {
      try Convolution(
        weights, inputs: inputs, outputs: outputs, size: size, stride: stride, padding: .same,
        hasBias: false, standardizationEpsilon: sizes.standardizationEpsilon)
    }
    func norm(_ weights: Weights, _ channels: Int) throws -> GroupNorm {
      try GroupNorm(
        weights, channels: channels, groups: sizes.groups, epsilon: sizes.normEpsilon)
    }
    let middle = outputs / 4
    convolutions = [
      try convolution(weights["conv1"], inputs, middle, size: 1),
      try convolution(weights["conv2"], middle, middle, size: 3, stride: stride),
      try convolution(weights["conv3"], middle, outputs, size: 1),
    ]
    norms = [
      try norm(weights["norm1"], middle), try norm(weights["norm2"], middle),
      try norm(weights["norm3"], outputs),
    ]
    let down = weights["downsample"]
    shortcut =
      hasShortcut
      ? (
        try convolution(down["conv"], inputs, outputs, size: 1, stride: stride),
        try norm(down["norm"], outputs)
      ) : nil
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    let skip = shortcut.map { $0.norm($0.convolution(x)) } ?? x
    var y = norms[0](convolutions[0](x), activation: .relu)
    y = norms[1](convolutions[1](y), activation: .relu)
    return norms[2](convolutions[2](y), activation: .relu, adding: skip)
  }
}

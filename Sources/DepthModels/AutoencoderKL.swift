public import Tensors

/// The variational autoencoder of latent diffusion, whose latent space the refiner works in.
///
/// This network covers both autoencoders of D3-RSMDE: Stable Diffusion's AutoencoderKL (Rombach et al.,
/// arXiv:2112.10752) and the VA-VAE (Yao et al., arXiv:2501.01423), which has more latent channels, one more level, and
/// attention at the coarsest level. Tensors have the names that `diffusers` uses.
public struct AutoencoderKL: Sendable {
  /// The dimensions of the network.
  public let architecture: AutoencoderArchitecture
  private let encoder: Encoder
  private let decoder: Decoder
  private let toMoments: Convolution
  private let fromLatent: Convolution

  /// Loads the network.
  ///
  /// - Throws: `ModelError` naming the tensor that is missing or has the wrong shape.
  public init(_ weights: Weights, _ architecture: AutoencoderArchitecture) throws {
    self.architecture = architecture
    let latent = architecture.latentChannels
    encoder = try Encoder(weights["encoder"], architecture)
    decoder = try Decoder(weights["decoder"], architecture)
    toMoments = try Convolution(
      weights["quant_conv"], inputs: 2 * latent, outputs: 2 * latent, size: 1)
    fromLatent = try Convolution(
      weights["post_quant_conv"], inputs: latent, outputs: latent, size: 1)
  }

  /// The normal distribution of the latents of an image.
  public struct Posterior: Sendable {
    /// The means followed by the logarithms of the variances: `[batch, row, column, 2 · latent]`.
    public let moments: Tensor

    /// The mean latents: `[batch, row, column, latent]`.
    public var mean: Tensor { moments.channels(0..<moments.shape.channels / 2) }

    /// Returns a sample of the distribution, mean + σ · noise, with ln σ² clamped to −30…20.
    public func sample(seed: UInt64) -> Tensor {
      let latent = moments.shape.channels / 2
      let deviation = moments.channels(latent..<2 * latent).mapped(
        { exponential(min(max($0, -30), 20) / 2) },
        derivative: { (-30...20).contains($0) ? exponential($0 / 2) / 2 : 0 })
      return mean + deviation * .randomNormal(deviation.shape, seed: seed)
    }
  }

  /// Returns the distribution of the latents of an image.
  ///
  /// - Parameter image: `[batch, row, column, 3]` in −1…1. Rows and columns are multiples of the architecture's
  ///   `reduction`. An image with one channel is treated as three equal channels.
  /// - Returns: The distribution of latents with 1/`reduction` of the rows and columns.
  public func encode(_ image: Tensor) -> Posterior {
    Posterior(moments: toMoments(encoder(image)))
  }

  /// Returns the image of latents `[batch, row, column, latent]`.
  ///
  /// The result is `[batch, row · reduction, column · reduction, 3]`, in about −1…1.
  public func decode(_ latent: Tensor) -> Tensor { decoder(fromLatent(latent)) }

  /// Returns the mean over the three channels of the decoded image: `[batch, row · reduction, column · reduction, 1]`.
  public func decodeMean(_ latent: Tensor) -> Tensor { decoder.mean(fromLatent(latent)) }

  /// The encoder: levels of residual blocks, each level but the last followed by downsampling by 2.
  private struct Encoder: Sendable {
    let entry: Convolution
    /// The equivalent of `entry` for an image with one channel that stands for three equal ones.
    let singleChannelEntry: Convolution
    let levels: [(blocks: [ResidualStage], downsampling: Convolution?)]
    let middle: Middle
    let norm: GroupNorm
    let exit: Convolution

    init(_ weights: Weights, _ sizes: AutoencoderArchitecture) throws {
      var inputs = sizes.widths[0]
      entry = try Convolution(weights["conv_in"], inputs: 3, outputs: inputs, size: 3)
      singleChannelEntry = entry.summingInputs()
      levels = try sizes.widths.enumerated().map { level, width in
        let isLast = level == sizes.widths.count - 1
        let scope = weights["down_blocks"][level]
        let blocks = try (0..<sizes.blocksPerLevel).map { block in
          defer { inputs = width }
          return try ResidualStage(
            scope, block, inputs: inputs, outputs: width,
            attends: isLast && sizes.attendsCoarsestLevel, sizes)
        }
        return (
          blocks,
          isLast
            ? nil
            : try Convolution(
              scope["downsamplers"][0]["conv"], inputs: width, outputs: width, size: 3, stride: 2,
              padding: .same)
        )
      }
      middle = try Middle(weights["mid_block"], channels: inputs, sizes)
      norm = try GroupNorm(
        weights["conv_norm_out"], channels: inputs, groups: sizes.groups, epsilon: sizes.normEpsilon
      )
      exit = try Convolution(
        weights["conv_out"], inputs: inputs, outputs: 2 * sizes.latentChannels, size: 3)
    }

    func callAsFunction(_ image: Tensor) -> Tensor {
      var x = (image.shape.channels == 1 ? singleChannelEntry : entry)(image)
      for level in levels {
        for block in level.blocks { x = block.recorded(consume x) }
        if let downsampling = level.downsampling { x = downsampling(x) }
      }
      x = middle(consume x)
      return exit(x, preparing: norm.preparation(of: x, activation: .silu))
    }
  }

  /// The decoder: levels of residual blocks, each level but the last followed by upsampling by 2.
  private struct Decoder: Sendable {
    let entry: Convolution
    let middle: Middle
    let levels: [(blocks: [ResidualStage], upsampling: Convolution?)]
    let norm: GroupNorm
    let exit: Convolution
    /// The equivalent of `exit` that returns the mean of the three channels.
    let meanExit: Convolution

    init(_ weights: Weights, _ sizes: AutoencoderArchitecture) throws {
      let widths = Array(sizes.widths.reversed())
      var inputs = widths[0]
      entry = try Convolution(
        weights["conv_in"], inputs: sizes.latentChannels, outputs: inputs, size: 3)
      middle = try Middle(weights["mid_block"], channels: inputs, sizes)
      levels = try widths.enumerated().map { level, width in
        let scope = weights["up_blocks"][level]
        let blocks = try (0...sizes.blocksPerLevel).map { block in
          defer { inputs = width }
          return try ResidualStage(
            scope, block, inputs: inputs, outputs: width,
            attends: level == 0 && sizes.attendsCoarsestLevel, sizes)
        }
        return (
          blocks,
          level == widths.count - 1
            ? nil
            : try Convolution(
              scope["upsamplers"][0]["conv"], inputs: width, outputs: width, size: 3)
        )
      }
      norm = try GroupNorm(
        weights["conv_norm_out"], channels: inputs, groups: sizes.groups, epsilon: sizes.normEpsilon
      )
      exit = try Convolution(weights["conv_out"], inputs: inputs, outputs: 3, size: 3)
      meanExit = exit.averagingOutputs()
    }

    func callAsFunction(_ latent: Tensor) -> Tensor { decode(latent, exit: exit) }

    func mean(_ latent: Tensor) -> Tensor { decode(latent, exit: meanExit) }

    private func decode(_ latent: Tensor, exit: Convolution) -> Tensor {
      var x = middle(entry(latent))
      for level in levels {
        for block in level.blocks { x = block.recorded(consume x) }
        if let upsampling = level.upsampling { x = upsampling(x, preparing: .doubled) }
      }
      return exit(x, preparing: norm.preparation(of: x, activation: .silu))
    }
  }

  /// A residual block, followed by attention at the coarsest level of some architectures.
  private struct ResidualStage: Sendable {
    let block: ResidualBlock
    let attention: MapAttention?

    init(
      _ weights: Weights, _ index: Int, inputs: Int, outputs: Int, attends: Bool,
      _ sizes: AutoencoderArchitecture
    ) throws {
      block = try ResidualBlock(
        weights["resnets"][index], inputs: inputs, outputs: outputs, groups: sizes.groups,
        epsilon: sizes.normEpsilon)
      attention =
        attends
        ? try MapAttention(
          separate: weights["attentions"][index], channels: outputs, groups: sizes.groups,
          epsilon: sizes.normEpsilon) : nil
    }

    func callAsFunction(_ x: consuming Tensor) -> Tensor {
      let y = block(consume x)
      return attention.map { $0(y) } ?? y
    }

    /// Runs the stage as one block of gradient checkpointing, if that is enabled.
    ///
    /// Without recomputation, nothing else holds a reference to `x`.
    func recorded(_ x: consuming Tensor) -> Tensor {
      guard Gradients.recomputesBlocks else { return self(consume x) }
      return Gradients.recomputing([x]) { self($0[0]) }
    }
  }

  /// Two residual blocks with attention between them, at the smallest size.
  private struct Middle: Sendable {
    let first: ResidualStage
    let second: ResidualStage

    init(_ weights: Weights, channels: Int, _ sizes: AutoencoderArchitecture) throws {
      first = try ResidualStage(
        weights, 0, inputs: channels, outputs: channels, attends: true, sizes)
      second = try ResidualStage(
        weights, 1, inputs: channels, outputs: channels, attends: false, sizes)
    }

    func callAsFunction(_ x: consuming Tensor) -> Tensor {
      second.recorded(first.recorded(consume x))
    }
  }

  /// A residual block: shortcut(x) + convolution(silu(norm(convolution(silu(norm(x)))))).
  private struct ResidualBlock: Sendable {
    let norms: [GroupNorm]
    let convolutions: [Convolution]
    /// A projection if the number of channels changes; nil for the identity.
    let shortcut: Convolution?

    init(_ weights: Weights, inputs: Int, outputs: Int, groups: Int, epsilon: Double) throws {
      norms = [
        try GroupNorm(weights["norm1"], channels: inputs, groups: groups, epsilon: epsilon),
        try GroupNorm(weights["norm2"], channels: outputs, groups: groups, epsilon: epsilon),
      ]
      convolutions = [
        try Convolution(weights["conv1"], inputs: inputs, outputs: outputs, size: 3),
        try Convolution(weights["conv2"], inputs: outputs, outputs: outputs, size: 3),
      ]
      shortcut =
        inputs == outputs
        ? nil
        : try Convolution(weights["conv_shortcut"], inputs: inputs, outputs: outputs, size: 1)
    }

    /// Releases `x` as early as possible, because memory use peaks here.
    func callAsFunction(_ x: consuming Tensor) -> Tensor {
      let y = convolutions[0](x, preparing: norms[0].preparation(of: x, activation: .silu))
      if let shortcut { x = shortcut(x) }
      return convolutions[1](
        y, preparing: norms[1].preparation(of: y, activation: .silu), adding: x)
    }
  }
}

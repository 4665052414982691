public import Tensors

/// The U-Net that estimates the fine map from the image and a blend of the coarse map and the previous estimate.
///
/// Tensors have the names of D3-RSMDE and SegRefiner (arXiv:2312.12425), which introduced this network. It is based on
/// the U-Net of "improved diffusion" (Nichol & Dhariwal, arXiv:2102.09672).
public struct DenoiseUNet: Sendable {
  /// The dimensions of the network.
  public let architecture: DenoiserArchitecture
  /// The first convolution, split by input channels into the part for the image and the part for the blend.
  private let imageEntry: Convolution
  private let blendEntry: Convolution
  private let down: [NumberedBlock]
  private let middle: NumberedBlock
  private let up: [NumberedBlock]
  private let norm: GroupNorm
  private let exit: Convolution

  /// Loads the network.
  ///
  /// - Parameters:
  ///   - weights: The tensors of the network.
  ///   - architecture: The dimensions of the network.
  ///   - steps: T, the number of steps of the schedule; a learned time embedding has one row per step.
  /// - Throws: `ModelError` naming the tensor that is missing or has the wrong shape.
  public init(_ weights: Weights, _ architecture: DenoiserArchitecture, steps: Int) throws {
    let sizes = architecture
    self.architecture = sizes
    let time = try sizes.timeEmbedding(weights, steps: steps)
    let inputs = weights["input_blocks"]
    let entry = try Convolution(inputs[0][0], inputs: sizes.inputs, outputs: sizes.width, size: 3)
    let imageChannels = sizes.inputs - sizes.outputs
    imageEntry = entry.selecting(inputs: 0..<imageChannels, hasBias: false)
    blendEntry = entry.selecting(inputs: imageChannels..<sizes.inputs, hasBias: true)
    var channels = sizes.width
    var skips = [channels]

    // Blocks are numbered in the order in which they run. Downsampling is a block of its own, whereas upsampling is the
    // last part of a block.
    var down: [NumberedBlock] = []
    for (level, width) in sizes.widths.enumerated() {
      for _ in 0..<sizes.blocksPerLevel {
        down.append(
          try NumberedBlock(
            inputs[down.count + 1], inputs: channels, outputs: width,
            attends: sizes.attends(at: level), time, sizes))
        channels = width
        skips.append(channels)
      }
      guard level < sizes.widths.count - 1 else { continue }
      down.append(try NumberedBlock(downsampling: inputs[down.count + 1], channels: channels))
      skips.append(channels)
    }
    self.down = down

    let bottom = weights["middle_block"]
    middle = NumberedBlock(
      blocks: [
        try TimeConditionedBlock(bottom[0], inputs: channels, outputs: channels, time, sizes),
        try TimeConditionedBlock(bottom[2], inputs: channels, outputs: channels, time, sizes),
      ],
      attention: try sizes.attention(bottom[1], channels: channels))

    var up: [NumberedBlock] = []
    for (level, width) in sizes.widths.enumerated().reversed() {
      for block in 0...sizes.blocksPerLevel {
        let attends = sizes.attends(at: level)
        let scope = weights["output_blocks"][up.count]
        var step = try NumberedBlock(
          scope, inputs: channels + skips.removeLast(), outputs: width, attends: attends, time,
          sizes)
        channels = width
        if level > 0, block == sizes.blocksPerLevel {
          step.upsampling = try Convolution(
            scope[attends ? 2 : 1]["conv"], inputs: channels, outputs: channels, size: 3)
        }
        up.append(step)
      }
    }
    self.up = up
    norm = try sizes.norm(weights["out"][0], channels: channels)
    exit = try Convolution(weights["out"][2], inputs: channels, outputs: sizes.outputs, size: 3)
  }

  /// Returns the estimate of the fine map at one step.
  ///
  /// - Parameters:
  ///   - input: `[batch, row, column, inputs]`, the channels of the image (or its latent) followed by those of the
  ///     blend. Rows and columns are multiples of the architecture's `sizeMultiple`.
  ///   - step: The step t, from T − 1 down to 0.
  ///   - dropout: The dropout used in training; nil disables it.
  /// - Returns: `[batch, row, column, outputs]`.
  public func callAsFunction(_ input: Tensor, step: Int, dropout: Dropout? = nil) -> Tensor {
    let images = architecture.inputs - architecture.outputs
    return self(
      input.channels(images..<architecture.inputs),
      features: features(of: input.channels(0..<images)), step: step, dropout: dropout)
  }

  /// Returns the image's part of the first convolution, which is the same at every step: `[batch, row, column, width]`.
  public func features(of image: Tensor) -> Tensor { imageEntry(image) }

  /// Returns the estimate of the fine map at one step, from the blend and the features of the image.
  public func callAsFunction(
    _ blend: Tensor, features: Tensor, step: Int, dropout: Dropout? = nil
  ) -> Tensor {
    var x = blendEntry(blend, adding: features)
    var skips = [x]
    var drops = (dropout.map { $0.parts(down.count + 1 + up.count) } ?? [])[...]
    for part in down {
      let drop = drops.popFirst()
      x = Gradients.block([x]) { part($0[0], at: step, drop) }
      skips.append(x)
    }
    let drop = drops.popFirst()
    x = Gradients.block([x]) { middle($0[0], at: step, drop) }
    for part in up {
      let drop = drops.popFirst()
      let inputs = [x, skips.removeLast()]
      x = Gradients.block(inputs) { part($0[0].joined(with: $0[1]), at: step, drop) }
    }
    return exit(x, preparing: norm.preparation(of: x, activation: .silu))
  }

  /// One numbered block: residual blocks with attention after the first, and an optional change of size.
  private struct NumberedBlock: Sendable {
    var blocks: [TimeConditionedBlock] = []
    var attention: MapAttention?
    var downsampling: Convolution?
    var upsampling: Convolution?

    init(blocks: [TimeConditionedBlock], attention: MapAttention?) {
      (self.blocks, self.attention) = (blocks, attention)
    }

    init(
      _ weights: Weights, inputs: Int, outputs: Int, attends: Bool, _ time: Tensor,
      _ sizes: DenoiserArchitecture
    ) throws {
      blocks = [try TimeConditionedBlock(weights[0], inputs: inputs, outputs: outputs, time, sizes)]
      attention = attends ? try sizes.attention(weights[1], channels: outputs) : nil
    }

    init(downsampling weights: Weights, channels: Int) throws {
      downsampling = try Convolution(
        weights[0]["op"], inputs: channels, outputs: channels, size: 3, stride: 2)
    }

    func callAsFunction(_ input: consuming Tensor, at step: Int, _ dropout: Dropout?) -> Tensor {
      var x = input
      var drops = (dropout.map { $0.parts(blocks.count) } ?? [])[...]
      for (index, block) in blocks.enumerated() {
        x = block(x, at: step, drops.popFirst())
        if index == 0, let attention { x = attention(x) }
      }
      if let downsampling { x = downsampling(x) }
      if let upsampling { x = upsampling(x, preparing: .doubled) }
      return x
    }
  }

  /// A residual block that is conditioned on the step.
  ///
  /// The embedding of the step is added between the two halves, or scales and shifts the normalized features there.
  private struct TimeConditionedBlock: Sendable {
    let norms: [GroupNorm]
    let convolutions: [Convolution]
    /// The embedding of each step: `[steps, outputs]`, or twice as many channels to scale and shift.
    let embeddings: Tensor
    let scalesAndShifts: Bool
    /// A projection if the number of channels changes; nil for the identity.
    let shortcut: Convolution?

    /// Loads the block; `time` is the time embedding `[steps, embeddingChannels]` after its SiLU.
    init(
      _ weights: Weights, inputs: Int, outputs: Int, _ time: Tensor, _ sizes: DenoiserArchitecture
    ) throws {
      let (before, after) = (weights["in_layers"], weights["out_layers"])
      norms = [
        try sizes.norm(before[0], channels: inputs), try sizes.norm(after[0], channels: outputs),
      ]
      convolutions = [
        try Convolution(before[2], inputs: inputs, outputs: outputs, size: 3),
        try Convolution(after[3], inputs: outputs, outputs: outputs, size: 3),
      ]
      scalesAndShifts = sizes.scalesAndShifts
      let projection = try Linear(
        weights["emb_layers"][1], inputs: sizes.embeddingChannels,
        outputs: scalesAndShifts ? 2 * outputs : outputs)
      embeddings = projection(time)
      shortcut =
        inputs == outputs
        ? nil
        : try Convolution(weights["skip_connection"], inputs: inputs, outputs: outputs, size: 1)
    }

    func callAsFunction(_ x: Tensor, at step: Int, _ dropout: Dropout?) -> Tensor {
      let embedding = embeddings.row(step)
      let before = norms[0].preparation(of: x, activation: .silu)
      let entry = scalesAndShifts ? convolutions[0] : convolutions[0].shifted(by: embedding)
      let y = entry(x, preparing: before)
      let norm = scalesAndShifts ? norms[1].modulated(by: embedding) : norms[1]
      let skip = shortcut.map { $0(x) } ?? x
      if let dropout {
        return convolutions[1](dropout(norm.normalized(y, activation: .silu)), adding: skip)
      }
      return convolutions[1](
        y, preparing: norm.preparation(of: y, activation: .silu), adding: skip)
    }
  }
}

extension Tensor {
  /// Returns one row of a matrix: `[1, column]`.
  fileprivate func row(_ index: Int) -> Tensor {
    let columns = shape.channels
    return elements(index * columns..<(index + 1) * columns, [1, columns])
  }
}

extension DenoiserArchitecture {
  /// The number of channels of the time embedding.
  fileprivate var embeddingChannels: Int { 4 * width }

  /// Returns the time embedding of all steps, after the SiLU that each block begins with: `[steps, embeddingChannels]`.
  fileprivate func timeEmbedding(_ weights: Weights, steps: Int) throws -> Tensor {
    let scope = weights["time_embed"]
    let table: Tensor
    switch time {
    case .learned: table = try scope.tensor("weight", [steps, embeddingChannels])
    case .sinusoidal:
      let expansion = try Linear(scope[0], inputs: width, outputs: embeddingChannels)
      let mixing = try Linear(scope[2], inputs: embeddingChannels, outputs: embeddingChannels)
      table = mixing(expansion(.sinusoids(steps: steps, channels: width), activation: .silu))
    }
    return table.mapped(
      { $0 / (1 + exponential(-$0)) },
      derivative: {
        let s = 1 / (1 + exponential(-$0))
        return s + $0 * s * (1 - s)
      })
  }

  /// Returns whether attention follows each block of a level.
  func attends(at level: Int) -> Bool { attentionReductions.contains(1 << level) }

  fileprivate func norm(_ weights: Weights, channels: Int) throws -> GroupNorm {
    try GroupNorm(weights, channels: channels, groups: groups, epsilon: normEpsilon)
  }

  fileprivate func attention(_ weights: Weights, channels: Int) throws -> MapAttention {
    try MapAttention(
      interleaved: weights, channels: channels, heads: heads, groups: groups, epsilon: normEpsilon)
  }
}

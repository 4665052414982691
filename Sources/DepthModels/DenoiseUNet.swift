public import Tensors

/// The U-Net that estimates the fine map from the image and a blend of the coarse map and its last estimate.
///
/// Tensors have the names of D3-RSMDE and SegRefiner (arXiv:2312.12425), whose network it is, after the "improved
/// diffusion" U-Net (Nichol & Dhariwal, arXiv:2102.09672).
public struct DenoiseUNet: Sendable {
  public let architecture: DenoiserArchitecture
  /// The first convolution, in the halves that see the image and the blend.
  private let imageEntry: Convolution
  private let blendEntry: Convolution
  private let down: [Step]
  private let middle: Step
  private let up: [Step]
  private let norm: GroupNorm
  private let exit: Convolution

  /// Loads the network.
  ///
  /// - Parameters:
  ///   - weights: Its tensors.
  ///   - architecture: Its sizes.
  ///   - steps: The T of the schedule; a learned table has a row for each.
  /// - Throws: `ModelError` that names a missing or misshapen tensor.
  public init(_ weights: Weights, _ architecture: DenoiserArchitecture, steps: Int) throws {
    let sizes = architecture
    self.architecture = sizes
    let time = try sizes.timeEmbedding(weights, steps: steps)
    let inputs = weights["input_blocks"]
    let entry = try Convolution(inputs[0][0], inputs: sizes.inputs, outputs: sizes.width, size: 3)
    let imageChannels = sizes.inputs - sizes.outputs
    imageEntry = entry.seeing(inputs: 0..<imageChannels, hasBias: false)
    blendEntry = entry.seeing(inputs: imageChannels..<sizes.inputs, hasBias: true)
    var channels = sizes.width
    var skips = [channels]

    // Both ways number their blocks as they come; a stage that changes the size is a block of its own on the
    // way down, and the last part of a block on the way up.
    var down: [Step] = []
    for (level, width) in sizes.widths.enumerated() {
      for _ in 0..<sizes.blocksPerLevel {
        down.append(
          try Step(
            inputs[down.count + 1], inputs: channels, outputs: width,
            attends: sizes.attends(at: level), time, sizes))
        channels = width
        skips.append(channels)
      }
      guard level < sizes.widths.count - 1 else { continue }
      down.append(try Step(shrinking: inputs[down.count + 1], channels: channels))
      skips.append(channels)
    }
    self.down = down

    let bottom = weights["middle_block"]
    middle = Step(
      blocks: [
        try TimedBlock(bottom[0], inputs: channels, outputs: channels, time, sizes),
        try TimedBlock(bottom[2], inputs: channels, outputs: channels, time, sizes),
      ],
      attention: try sizes.attention(bottom[1], channels: channels))

    var up: [Step] = []
    for (level, width) in sizes.widths.enumerated().reversed() {
      for block in 0...sizes.blocksPerLevel {
        let attends = sizes.attends(at: level)
        let scope = weights["output_blocks"][up.count]
        var step = try Step(
          scope, inputs: channels + skips.removeLast(), outputs: width, attends: attends, time,
          sizes)
        channels = width
        if level > 0, block == sizes.blocksPerLevel {
          step.growing = try Convolution(
            scope[attends ? 2 : 1]["conv"], inputs: channels, outputs: channels, size: 3)
        }
        up.append(step)
      }
    }
    self.up = up
    norm = try sizes.norm(weights["out"][0], channels: channels)
    exit = try Convolution(weights["out"][2], inputs: channels, outputs: sizes.outputs, size: 3)
  }

  /// The estimate at one step.
  ///
  /// - Parameters:
  ///   - input: `[batch, row, column, inputs]`, the image (or its latent) first, then the blend; rows and columns
  ///     are multiples of the architecture's `sizeMultiple`.
  ///   - step: From steps − 1 down to 0.
  ///   - dropout: What is left out while the network learns; nil leaves all in.
  /// - Returns: `[batch, row, column, outputs]`.
  public func callAsFunction(_ input: Tensor, step: Int, dropout: Dropout? = nil) -> Tensor {
    let images = architecture.inputs - architecture.outputs
    return self(
      input.channels(images..<architecture.inputs),
      seeing: features(of: input.channels(0..<images)), step: step, dropout: dropout)
  }

  /// What the first convolution makes of the image, the same at every step: `[batch, row, column, width]`.
  public func features(of image: Tensor) -> Tensor { imageEntry(image) }

  /// The estimate at one step, from the blend alone and the image's features.
  public func callAsFunction(
    _ blend: Tensor, seeing features: Tensor, step: Int, dropout: Dropout? = nil
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

  /// One numbered block: residual parts with attention after the first, and a change of size.
  private struct Step: Sendable {
    var blocks: [TimedBlock] = []
    var attention: MapAttention?
    var shrinking: Convolution?
    var growing: Convolution?

    init(blocks: [TimedBlock], attention: MapAttention?) {
      (self.blocks, self.attention) = (blocks, attention)
    }

    init(
      _ weights: Weights, inputs: Int, outputs: Int, attends: Bool, _ time: Tensor,
      _ sizes: DenoiserArchitecture
    ) throws {
      blocks = [try TimedBlock(weights[0], inputs: inputs, outputs: outputs, time, sizes)]
      attention = attends ? try sizes.attention(weights[1], channels: outputs) : nil
    }

    init(shrinking weights: Weights, channels: Int) throws {
      shrinking = try Convolution(
        weights[0]["op"], inputs: channels, outputs: channels, size: 3, stride: 2)
    }

    func callAsFunction(_ input: consuming Tensor, at step: Int, _ dropout: Dropout?) -> Tensor {
      var x = input
      var drops = (dropout.map { $0.parts(blocks.count) } ?? [])[...]
      for (index, block) in blocks.enumerated() {
        x = block(x, at: step, drops.popFirst())
        if index == 0, let attention { x = attention(x) }
      }
      if let shrinking { x = shrinking(x) }
      if let growing { x = growing(x, preparing: .doubled) }
      return x
    }
  }

  /// A residual block that knows the step: its moment is added between the halves, or scales and shifts there.
  private struct TimedBlock: Sendable {
    let norms: [GroupNorm]
    let convolutions: [Convolution]
    /// What is said of each step: `[steps, outputs]`, or twice as many to scale and shift.
    let moments: Tensor
    let scalesAndShifts: Bool
    /// A projection where the channels change, else the identity.
    let shortcut: Convolution?

    /// `time` is `[steps, momentChannels]`, after its SiLU.
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
      let moment = try Linear(
        weights["emb_layers"][1], inputs: sizes.momentChannels,
        outputs: scalesAndShifts ? 2 * outputs : outputs)
      moments = moment(time)
      shortcut =
        inputs == outputs
        ? nil
        : try Convolution(weights["skip_connection"], inputs: inputs, outputs: outputs, size: 1)
    }

    func callAsFunction(_ x: Tensor, at step: Int, _ dropout: Dropout?) -> Tensor {
      let said = moments.row(step)
      let before = norms[0].preparation(of: x, activation: .silu)
      let entry = scalesAndShifts ? convolutions[0] : convolutions[0].shifted(by: said)
      let y = entry(x, preparing: before)
      let norm = scalesAndShifts ? norms[1].modulated(by: said) : norms[1]
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
  /// One row of a matrix: `[1, column]`.
  fileprivate func row(_ index: Int) -> Tensor {
    let columns = shape.channels
    return elements(index * columns..<(index + 1) * columns, [1, columns])
  }
}

extension DenoiserArchitecture {
  /// The channels of the vector that stands for a step.
  fileprivate var momentChannels: Int { 4 * width }

  /// The vectors that stand for the steps, after the SiLU with which every block begins: `[steps, momentChannels]`.
  fileprivate func timeEmbedding(_ weights: Weights, steps: Int) throws -> Tensor {
    let scope = weights["time_embed"]
    let table: Tensor
    switch time {
    case .learned: table = try scope.tensor("weight", [steps, momentChannels])
    case .sinusoidal:
      let expansion = try Linear(scope[0], inputs: width, outputs: momentChannels)
      let mixing = try Linear(scope[2], inputs: momentChannels, outputs: momentChannels)
      table = mixing(expansion(.sinusoids(steps: steps, channels: width), activation: .silu))
    }
    return table.mapped(
      { $0 / (1 + exponential(-$0)) },
      derivative: {
        let s = 1 / (1 + exponential(-$0))
        return s + $0 * s * (1 - s)
      })
  }

  func attends(at level: Int) -> Bool { attentionReductions.contains(1 << level) }

  fileprivate func norm(_ weights: Weights, channels: Int) throws -> GroupNorm {
    try GroupNorm(weights, channels: channels, groups: groups, epsilon: normEpsilon)
  }

  fileprivate func attention(_ weights: Weights, channels: Int) throws -> MapAttention {
    try MapAttention(
      interleaved: weights, channels: channels, heads: heads, groups: groups, epsilon: normEpsilon)
  }
}

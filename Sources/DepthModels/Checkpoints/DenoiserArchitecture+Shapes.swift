package import Tensors

extension DenoiserArchitecture {
  /// Infers the architecture from the shapes of its tensors, under the names that bundles use.
  ///
  /// - Parameters:
  ///   - shapes: The shape of each tensor.
  ///   - heads: The number of attention heads, which cannot be inferred from shapes. If nil, 8 if latents have 32
  ///     channels and the step scales and shifts, as in the network for the VA-VAE, and otherwise 4.
  ///   - path: The name of the checkpoint in messages.
  /// - Throws: `ModelError` naming the tensor that is missing or has the wrong shape.
  package init(shapes: [String: Shape], heads: Int?, path: String) throws(ModelError) {
    let shape = CheckpointShapes(shapes: shapes, path: path)
    let first = try shape("input_blocks.0.0.weight", rank: 4)
    let width = first[0]
    // Block 0 is a convolution. Each other block either downsamples or is residual, with or without attention.
    var levels: [(multiplier: Int, blocks: Int, attends: Bool)] = [(0, 0, false)]
    for index in 1... {
      let block = "input_blocks.\(index)"
      if shape.has("\(block).0.op.weight") {
        levels.append((0, 0, false))
      } else if shape.has("\(block).0.in_layers.2.weight") {
        let channels = try shape("\(block).0.in_layers.2.weight", rank: 4)[0]
        guard width > 0, channels % width == 0 else {
          throw ModelError(
            .badData,
            "\(block) has \(channels) channels in \(path), expected a multiple of \(width)")
        }
        levels[levels.count - 1] = (
          channels / width, levels[levels.count - 1].blocks + 1,
          levels[levels.count - 1].attends || shape.has("\(block).1.norm.weight")
        )
      } else {
        break
      }
    }
    let added = try shape("input_blocks.1.0.emb_layers.1.weight", rank: 2)[0]
    let scalesAndShifts = added == 2 * levels[0].multiplier * width
    let outputs = try shape("out.2.weight", rank: 4)[0]
    self.init(
      inputs: first[1], outputs: outputs, width: width, multipliers: levels.map(\.multiplier),
      blocksPerLevel: levels[0].blocks,
      heads: heads ?? (first[1] == 64 && scalesAndShifts ? 8 : 4),
      attentionReductions: levels.indices.filter { levels[$0].attends }.map { 1 << $0 },
      scalesAndShifts: scalesAndShifts,
      time: shape.has("time_embed.weight") ? .learned : .sinusoidal)
  }
}

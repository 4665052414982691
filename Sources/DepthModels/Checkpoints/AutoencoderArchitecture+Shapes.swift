package import Tensors

extension AutoencoderArchitecture {
  /// What shapes cannot tell; nil is what is usual.
  package struct Unseen {
    package var groups: Int?
    package var normEpsilon: Double?
    package var latentScale: Double?

    package init(groups: Int? = nil, normEpsilon: Double? = nil, latentScale: Double? = nil) {
      self.groups = groups
      self.normEpsilon = normEpsilon
      self.latentScale = latentScale
    }
  }

  /// The architecture that has tensors of these shapes, under the names of bundles.
  package init(shapes: [String: Shape], unseen: Unseen, path: String) throws(ModelError) {
    let shape = CheckpointShapes(shapes: shapes, path: path)
    func block(_ level: Int, _ index: Int) -> String {
      "encoder.down_blocks.\(level).resnets.\(index).conv1.weight"
    }
    var widths = [try shape(block(0, 0), rank: 4)[0]]
    let levels = shape.count { block($0, 0) }
    for level in 1..<levels { widths.append(try shape(block(level, 0), rank: 4)[0]) }
    let latents = try shape("decoder.conv_in.weight", rank: 4)[1]
    self.init(
      latentChannels: latents, widths: widths, blocksPerLevel: shape.count { block(0, $0) },
      attendsCoarsestLevel: shape.has(
        "encoder.down_blocks.\(levels - 1).attentions.0.to_q.weight"),
      groups: unseen.groups ?? 32, normEpsilon: unseen.normEpsilon ?? 1e-6,
      // Stable Diffusion's number for its four channels; the VA-VAE's latents are used as they are.
      latentScale: unseen.latentScale ?? (latents == 4 ? 0.18215 : 1))
  }
}

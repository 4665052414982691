package import Tensors

extension AutoencoderArchitecture {
  /// The settings that cannot be inferred from tensor shapes; nil for the default.
  package struct Hyperparameters {
    /// The number of groups of each group normalization.
    package var groups: Int?
    /// The value that group normalization adds to the variance.
    package var normEpsilon: Double?
    /// The factor that latents are multiplied by.
    package var latentScale: Double?

    package init(groups: Int? = nil, normEpsilon: Double? = nil, latentScale: Double? = nil) {
      self.groups = groups
      self.normEpsilon = normEpsilon
      self.latentScale = latentScale
    }
  }

  /// Infers the architecture from the shapes of its tensors, under the names that bundles use.
  ///
  /// - Throws: `ModelError` naming the tensor that is missing or has the wrong number of axes.
  package init(
    shapes: [String: Shape], hyperparameters: Hyperparameters, path: String
  ) throws(ModelError) {
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
      groups: hyperparameters.groups ?? 32, normEpsilon: hyperparameters.normEpsilon ?? 1e-6,
      // Stable Diffusion's value for its four channels; the VA-VAE's latents are not scaled.
      latentScale: hyperparameters.latentScale ?? (latents == 4 ? 0.18215 : 1))
  }
}

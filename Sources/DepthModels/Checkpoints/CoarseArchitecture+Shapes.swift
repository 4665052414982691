package import Tensors

extension CoarseArchitecture {
  /// The settings that cannot be inferred from tensor shapes; nil for the default of the kind of network.
  package struct Hyperparameters {
    /// The number of attention heads.
    package var heads: Int?
    /// The zero-based indices of the tapped transformer blocks.
    package var hooks: [Int]?
    /// The number of groups of each group normalization.
    package var groups: Int?
    /// The value that layer normalization adds to the variance.
    package var layerNormEpsilon: Double?

    package init(
      heads: Int? = nil, hooks: [Int]? = nil, groups: Int? = nil, layerNormEpsilon: Double? = nil
    ) {
      self.heads = heads
      self.hooks = hooks
      self.groups = groups
      self.layerNormEpsilon = layerNormEpsilon
    }
  }

  /// Infers the architecture from the shapes of its tensors, under the names that bundles use.
  ///
  /// - Throws: `ModelError` naming the tensor that is missing or has an unexpected shape.
  package init(
    shapes: [String: Shape], hyperparameters: Hyperparameters, normalization: Normalization,
    output: Output, path: String
  ) throws(ModelError) {
    let shape = CheckpointShapes(shapes: shapes, path: path)
    let model = "pretrained.model"
    let patches = "\(model).patch_embed"

    width = try shape("\(model).cls_token", rank: 3)[2]
    depth = shape.count { "\(model).blocks.\($0).norm1.weight" }
    hidden = try shape("\(model).blocks.0.mlp.fc1.weight", rank: 2)[0]
    let positions = try shape("\(model).pos_embed", rank: 3)[1] - 1
    positionGrid = Int(Double(max(positions, 0)).squareRoot())
    guard positionGrid * positionGrid == positions else {
      throw ModelError(
        .badData,
        "\(model).pos_embed has \(positions) positions in \(path), expected a square number")
    }

    let stem = "\(patches).backbone.stem.conv.weight"
    if shape.has(stem) {
      let stages = "\(patches).backbone.stages"
      let stageCount = shape.count { "\(stages).\($0).blocks.0.conv3.weight" }
      var widths: [Int] = []
      for stage in 0..<stageCount {
        widths.append(try shape("\(stages).\(stage).blocks.0.conv3.weight", rank: 4)[0])
      }
      // Both epsilons are constants of the published networks (timm and transformers alike).
      backbone = .hybrid(
        Hybrid(
          stem: try shape(stem, rank: 4)[0],
          depths: (0..<stageCount).map { stage in
            shape.count { "\(stages).\(stage).blocks.\($0).conv3.weight" }
          },
          widths: widths, groups: hyperparameters.groups ?? 32, normEpsilon: 1e-5,
          standardizationEpsilon: 1e-8))
    } else {
      backbone = .plain(Plain(patch: try shape("\(patches).proj.weight", rank: 4)[2]))
    }

    // The published networks have 64 channels per head and are tapped at quarters of their depth.
    heads = hyperparameters.heads ?? max(width / 64, 1)
    let quarters = (1...4).map { [depth] in $0 * depth / 4 - 1 }
    if case .hybrid = backbone {
      hooks = hyperparameters.hooks ?? Array(quarters.suffix(2))
    } else {
      hooks = hyperparameters.hooks ?? quarters
    }
    layerNormEpsilon = hyperparameters.layerNormEpsilon ?? 1e-6
    readout = .project
    var neck: [Int] = []
    for tap in 1...4 { neck.append(try shape("scratch.layer\(tap)_rn.weight", rank: 4)[1]) }
    self.neck = neck
    fusion = try shape("scratch.layer1_rn.weight", rank: 4)[0]
    head = [
      try shape("scratch.output_conv.0.weight", rank: 4)[0],
      try shape("scratch.output_conv.2.weight", rank: 4)[0],
    ]
    self.normalization = normalization
    self.output = output
  }
}

import Tensors

/// An encoder that turns an image into tokens and exposes intermediate features at four depths.
///
/// Source: Dosovitskiy et al., arXiv:2010.11929, plain or with the convolutional backbone ("R50+ViT").
struct VisionTransformer: Sendable {
  private let backbone: ResNetV2?
  private let patchEmbedding: Convolution
  private let positions: PositionEmbedding
  private let blocks: [TransformerBlock]
  private let hooks: [Int]

  init(_ weights: Weights, _ sizes: CoarseArchitecture) throws {
    let embedding = weights["patch_embed"]
    switch sizes.backbone {
    case .hybrid(let hybrid):
      backbone = try ResNetV2(embedding["backbone"], hybrid)
      patchEmbedding = try Convolution(
        embedding["proj"], inputs: hybrid.widths[2], outputs: sizes.width, size: 1)
    case .plain(let plain):
      backbone = nil
      patchEmbedding = try Convolution(
        embedding["proj"], inputs: 3, outputs: sizes.width, size: plain.patch, stride: plain.patch,
        padding: .each(0))
    }
    positions = try PositionEmbedding(weights, side: sizes.positionGrid, width: sizes.width)
    blocks = try (0..<sizes.depth).map { try TransformerBlock(weights["blocks"][$0], sizes) }
    hooks = sizes.hooks
  }

  /// Calls `tap` with each tapped output in order: maps of the backbone's first two stages, if any, then tokens.
  ///
  /// `image` is `[1, row, column, 3]`; tokens are `[1, 1 + row/16 · column/16, width]`, the class token first.
  func callAsFunction(_ image: Tensor, tap: (Tap) -> Void) {
    var map = image
    if let backbone {
      var stages = backbone(image)
      map = stages.removeLast()
      for stage in stages { tap(.map(stage)) }
    }
    var x = positions(patchEmbedding(map))
    for (index, block) in blocks.prefix(hooks.last.map { $0 + 1 } ?? 0).enumerated() {
      x = Gradients.block([x]) { block($0[0]) }
      if hooks.contains(index) { tap(.tokens(x)) }
    }
  }

  /// A tapped output.
  enum Tap {
    case map(Tensor)
    case tokens(Tensor)
  }
}

/// A transformer block: x + attention(norm(x)), then x + MLP(norm(x)).
struct TransformerBlock: Sendable {
  private let norms: [LayerNorm]
  private let attention: Attention
  private let expansion: Linear
  private let contraction: Linear

  init(_ weights: Weights, _ sizes: CoarseArchitecture) throws {
    norms = try ["norm1", "norm2"].map {
      try LayerNorm(weights[$0], channels: sizes.width, epsilon: sizes.layerNormEpsilon)
    }
    attention = try Attention(weights["attn"], width: sizes.width, heads: sizes.heads)
    let mlp = weights["mlp"]
    expansion = try Linear(mlp["fc1"], inputs: sizes.width, outputs: sizes.hidden)
    contraction = try Linear(mlp["fc2"], inputs: sizes.hidden, outputs: sizes.width)
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    let y = attention(norms[0](x), adding: x)
    return contraction(expansion(norms[1](y), activation: .gelu), adding: y)
  }
}

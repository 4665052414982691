/// The tensor names of depth networks.
///
/// Bundles use the names of Ranftl et al. (`pretrained.…`, `scratch.…`), as D3-RSMDE does under `rgb_encoder.` and
/// Omnidata under `model.`. The names of Hugging Face's `DPTForDepthEstimation` are translated.
extension CheckpointNames {
  /// Returns the meaning of a name in a depth network's checkpoint.
  ///
  /// Hugging Face stores queries, keys and values separately. They become `attn.query`, `attn.key` and `attn.value`,
  /// which are later stacked into `attn.qkv`.
  static func coarse(_ name: String) -> Meaning {
    let parts = parts(of: name, without: ["rgb_encoder", "model", "module"])
    let isCanonical = ["pretrained", "scratch"].contains(parts.first)
    guard let found = isCanonical ? parts : huggingFace.renamed(parts) else { return .unknown }
    let canonical = found.joined(separator: ".")
    return unusedPrefixes.first(where: canonical.hasPrefix).map { .unused("\($0)*") }
      ?? .tensor(canonical)
  }

  /// Returns whether a tensor of a bundle is one that the original networks contain but never use.
  package static func isUnused(_ name: String) -> Bool {
    unusedPrefixes.contains(where: name.hasPrefix)
  }

  private static let unusedPrefixes = [
    "pretrained.model.norm.", "pretrained.model.head.", "pretrained.model.pooler.",
    "scratch.refinenet4.resConfUnit1.",
  ]

  private typealias Parts = [Substring]

  private static let huggingFace: NameTemplates = {
    let embeddings = "dpt.embeddings"
    let layer = "dpt.encoder.layer.#"
    let block = "pretrained.model.blocks.#"
    let patches = "pretrained.model.patch_embed"
    var names = [
      ("\(embeddings).cls_token", "pretrained.model.cls_token"),
      ("\(embeddings).position_embeddings", "pretrained.model.pos_embed"),
      ("\(embeddings).projection", "\(patches).proj"),
      ("\(embeddings).patch_embeddings.projection", "\(patches).proj"),
      ("\(embeddings).backbone.bit.embedder.convolution", "\(patches).backbone.stem.conv"),
      ("\(embeddings).backbone.bit.embedder.norm", "\(patches).backbone.stem.norm"),
      (
        "\(embeddings).backbone.bit.encoder.stages.#.layers.#",
        "\(patches).backbone.stages.#.blocks.#"
      ),
      ("\(layer).layernorm_before", "\(block).norm1"),
      ("\(layer).layernorm_after", "\(block).norm2"),
      ("\(layer).attention.attention.query", "\(block).attn.query"),
      ("\(layer).attention.attention.key", "\(block).attn.key"),
      ("\(layer).attention.attention.value", "\(block).attn.value"),
      ("\(layer).attention.output.dense", "\(block).attn.proj"),
      ("\(layer).intermediate.dense", "\(block).mlp.fc1"),
      ("\(layer).output.dense", "\(block).mlp.fc2"),
      ("dpt.layernorm", "pretrained.model.norm"),
      ("dpt.pooler", "pretrained.model.pooler"),
      ("head.head.#", "scratch.output_conv.#"),
    ]
    for tap in 0..<4 {
      let after = "pretrained.act_postprocess\(tap + 1)"
      let stage = "neck.reassemble_stage"
      names.append(("\(stage).readout_projects.\(tap).0", "\(after).0.project.0"))
      names.append(("\(stage).layers.\(tap).projection", "\(after).3"))
      names.append(("\(stage).layers.\(tap).resize", "\(after).4"))
      names.append(("neck.convs.\(tap)", "scratch.layer\(tap + 1)_rn"))
      let (source, target) = ("neck.fusion_stage.layers.\(tap)", "scratch.refinenet\(4 - tap)")
      names.append(("\(source).projection", "\(target).out_conv"))
      for unit in 1...2 {
        for convolution in 1...2 {
          names.append(
            (
              "\(source).residual_layer\(unit).convolution\(convolution)",
              "\(target).resConfUnit\(unit).conv\(convolution)"
            ))
        }
      }
    }
    return NameTemplates(names)
  }()
}

/// The tensor names of autoencoders.
///
/// Bundles use the names of diffusers' `AutoencoderKL`. Its older names for attention, and the names of latent
/// diffusion (LDM) and the VA-VAE, are translated. LDM numbers the decoder's levels from the finest, diffusers from the
/// coarsest.
extension CheckpointNames {
  /// Other networks of training programs that may be stored next to the autoencoder.
  private static let companions: Set<String> = [
    "loss", "foundation_model", "linear_proj", "model_ema", "cond_stage_model",
  ]

  /// Returns the translation of the names of an autoencoder's checkpoint.
  ///
  /// - Throws: `ModelError` if the names are those of a DC-AE, which is not supported.
  static func autoencoder(
    in names: some Collection<String>, path: String
  ) throws(ModelError) -> (String) -> Meaning {
    if let name = names.first(where: isOfDCAE) {
      throw ModelError(
        .badData,
        "\(path) is a DC-AE (it contains \(name)), expected an AutoencoderKL or a VA-VAE, the only supported "
          + "autoencoders")
    }
    let firstStage = "first_stage_model"
    let isWhole = names.contains { $0.hasPrefix(firstStage + ".") }
    let templates = latentDiffusion(levels: levels(in: names))
    return { name in
      let all = name.split(separator: ".")
      if isWhole, all.first != firstStage[...] {
        return .unused(all.prefix(all.first == "model" ? 2 : 1).joined(separator: "."))
      }
      let parts = parts(of: name, without: [firstStage, "module", "model"])
      guard let first = parts.first else { return .unknown }
      if companions.contains(String(first)) { return .unused(String(first)) }
      guard ["encoder", "decoder", "quant_conv", "post_quant_conv"].contains(first) else {
        return .unknown
      }
      let renamed = templates.renamed(parts) ?? parts
      return .tensor(renamed.flatMap { leaf($0, in: renamed) }.joined(separator: "."))
    }
  }

  private static func isOfDCAE(_ name: String) -> Bool {
    [".op_list.", ".context_module.", "to_qkv_multiscale"].contains(where: name.contains)
  }

  /// Returns the number of levels of an LDM decoder; no real one has as many as 16.
  private static func levels(in names: some Collection<String>) -> Int {
    names.lazy.compactMap { name in
      let parts = name.split(separator: ".")
      guard let up = parts.firstIndex(of: "up"), up > 0, parts[up - 1] == "decoder",
        up + 2 < parts.count, let level = Int(parts[up + 1]), (0..<16).contains(level)
      else { return nil }
      return level + 1
    }.max() ?? 0
  }

  private static func latentDiffusion(levels: Int) -> NameTemplates {
    var templates = [
      ("encoder.down.#.block.#", "encoder.down_blocks.#.resnets.#"),
      ("encoder.down.#.attn.#", "encoder.down_blocks.#.attentions.#"),
      ("encoder.down.#.downsample", "encoder.down_blocks.#.downsamplers.0"),
    ]
    for half in ["encoder", "decoder"] {
      templates += [
        ("\(half).mid.block_1", "\(half).mid_block.resnets.0"),
        ("\(half).mid.block_2", "\(half).mid_block.resnets.1"),
        ("\(half).mid.attn_1", "\(half).mid_block.attentions.0"),
        ("\(half).norm_out", "\(half).conv_norm_out"),
      ]
    }
    for level in 0..<levels {
      let (source, target) = ("decoder.up.\(level)", "decoder.up_blocks.\(levels - 1 - level)")
      templates += [
        ("\(source).block.#", "\(target).resnets.#"),
        ("\(source).attn.#", "\(target).attentions.#"),
        ("\(source).upsample", "\(target).upsamplers.0"),
      ]
    }
    return NameTemplates(templates)
  }

  /// Returns the diffusers name for one part of a name: older diffusers versions and LDM use different ones.
  private static func leaf(_ part: Substring, in name: NameTemplates.Parts) -> [Substring] {
    if part == "nin_shortcut" { return ["conv_shortcut"] }
    guard name.contains("attentions") else { return [part] }
    return switch part {
    case "q", "query": ["to_q"]
    case "k", "key": ["to_k"]
    case "v", "value": ["to_v"]
    case "proj_out", "proj_attn": ["to_out", "0"]
    case "norm": ["group_norm"]
    default: [part]
    }
  }
}

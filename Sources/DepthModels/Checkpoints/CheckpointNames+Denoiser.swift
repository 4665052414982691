/// The tensor names of U-Nets: bundles use those of "improved diffusion", as do D3-RSMDE and SegRefiner.
extension CheckpointNames {
  /// Returns the translation of the names of a U-Net's checkpoint.
  ///
  /// - Throws: `ModelError` if the names are those of a U-Net of diffusers or Stable Diffusion, which is not supported.
  static func denoiser(
    in names: some Collection<String>, path: String
  ) throws(ModelError) -> (String) -> Meaning {
    func has(_ parts: String...) -> Bool {
      names.contains { name in parts.contains(where: name.contains) }
    }
    let isDiffusers = has("time_emb_proj", "time_embedding.linear_1")
    if isDiffusers || has("transformer_blocks") {
      throw ModelError(
        .badData,
        "\(path) is a U-Net of \(isDiffusers ? "diffusers" : "Stable Diffusion") (such as Marigold's), expected "
          + "one of D3-RSMDE or SegRefiner: time embedding and attention differ, so renaming is not enough"
      )
    }
    return { name in
      let parts = parts(of: name, without: ["denoise_model", "module", "model"])
      let known = ["time_embed", "input_blocks", "middle_block", "output_blocks", "out"]
      guard let first = parts.first, known.contains(String(first)) else { return .unknown }
      return .tensor(parts.joined(separator: "."))
    }
  }
}

/// The U-Net: bundles use the names of "improved diffusion", which D3-RSMDE and SegRefiner have too.
extension CheckpointNames {
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
        "\(path) is a U-Net of \(isDiffusers ? "diffusers" : "Stable Diffusion") (Marigold's is one "
          + "such): no renaming makes it D3-RSMDE's, whose embedding of time and attention are others"
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

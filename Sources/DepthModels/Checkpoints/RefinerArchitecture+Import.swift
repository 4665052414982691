import Tensors

extension RefinerArchitecture {
  /// Imports a refiner and adds its tensors to `networks`; nil if no checkpoint is given.
  ///
  /// - Throws: `ModelError` if the networks do not match, naming the channels of both.
  init?(
    importing networks: inout [Manifest.Stage: CheckpointTensors], vae: String?, unet: String?,
    options: ImportOptions.Refiner
  ) throws {
    guard let unet else {
      guard let vae else { return nil }
      throw ModelError(
        .usage,
        "the autoencoder \(vae) cannot refine heights by itself: give a U-Net with it (--unet)")
    }
    let steps = try CheckpointTensors(CheckpointFolder(unet).checkpoint, of: .unet)
    let denoiser = try DenoiserArchitecture(
      shapes: steps.shapes, heads: options.heads, path: unet)
    networks[.unet] = steps
    var autoencoder: AutoencoderArchitecture?
    if let vae {
      let folder = try CheckpointFolder(vae)
      var hyperparameters = try folder.config.map(DiffusersConfig.init)?.hyperparameters ?? .init()
      hyperparameters.latentScale = options.latentScale ?? hyperparameters.latentScale
      let tensors = try CheckpointTensors(folder.checkpoint, of: .vae)
      autoencoder = try AutoencoderArchitecture(
        shapes: tensors.shapes, hyperparameters: hyperparameters, path: vae)
      networks[.vae] = tensors
    }
    try Self.check(denoiser, of: unet, with: autoencoder, of: vae)

    let learned = denoiser.time == .learned ? steps.shapes["time_embed.weight"]?.dims.first : nil
    if let learned, let asked = options.steps, asked != learned {
      throw ModelError(
        .usage,
        "\(asked) steps were requested, but \(unet) was trained for \(learned): leave out --steps")
    }
    let blending = Blending(
      steps: learned ?? options.steps ?? Blending().steps, epsilon: options.epsilon)
    self.init(
      autoencoder: autoencoder, denoiser: denoiser, blending: blending,
      imageRange: options.imageRange, heightRange: options.heightRange)
  }

  /// Checks that the channels of a U-Net match its input, an image and a map, in pixels or as latents.
  private static func check(
    _ denoiser: DenoiserArchitecture, of unet: String,
    with autoencoder: AutoencoderArchitecture?, of vae: String?
  ) throws(ModelError) {
    let (image, map) = autoencoder.map { ($0.latentChannels, $0.latentChannels) } ?? (3, 1)
    guard denoiser.inputs != image + map || denoiser.outputs != map else { return }
    let found =
      "\(unet) has \(denoiser.inputs) input channels and \(denoiser.outputs) output channels"
    if let vae {
      throw ModelError(
        .badData,
        "\(found), but the latents of \(vae) have \(map): expected \(image + map) and \(map)")
    }
    throw ModelError(
      .badData,
      "\(found), expected \(image + map) and \(map) without an autoencoder"
        + (denoiser.inputs == 2 * denoiser.outputs
          ? ": it needs one whose latents have \(denoiser.outputs) channels" : ""))
  }
}

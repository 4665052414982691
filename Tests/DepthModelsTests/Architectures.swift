import DepthModels

/// The networks of D3-RSMDE's paper and code, and smaller ones.
enum Architectures {
  /// Stable Diffusion's.
  static let autoencoderKL = AutoencoderArchitecture(
    latentChannels: 4, widths: [128, 256, 512, 512], blocksPerLevel: 2,
    attendsCoarsestLevel: false, latentScale: 0.18215)

  static let vaVAE = AutoencoderArchitecture(
    latentChannels: 32, widths: [128, 128, 256, 256, 512], blocksPerLevel: 2,
    attendsCoarsestLevel: true, latentScale: 1)

  /// By the names of their key lists and reference numbers.
  static let denoisers: [String: DenoiserArchitecture] = [
    "unet_aekl_full": latent(
      width: 128, [1, 2, 4, 4], blocks: 2, heads: 4, attention: [1, 2, 4, 8]),
    "unet_aekl_sa": latent(width: 128, [1, 2, 4, 4], blocks: 2, heads: 4, attention: [4, 8]),
    "unet_vavae": DenoiserArchitecture(
      inputs: 64, outputs: 32, width: 192, multipliers: [1, 2, 3, 4], blocksPerLevel: 3, heads: 8,
      attentionReductions: [2, 4, 8], scalesAndShifts: true),
    "unet_dcae": DenoiserArchitecture(
      inputs: 64, outputs: 32, width: 256, multipliers: [1, 2, 4], blocksPerLevel: 2, heads: 4,
      attentionReductions: [1, 2, 4]),
    "unet_pixel_segrefiner": DenoiserArchitecture(
      inputs: 4, outputs: 1, width: 128, multipliers: [1, 1, 2, 2, 4, 4], blocksPerLevel: 2,
      heads: 4, attentionReductions: [16, 32]),
    "unet_light64": latent(width: 64, [1, 2, 4, 4], blocks: 2, heads: 4, attention: [4, 8]),
    "unet_light64_r1": latent(width: 64, [1, 2, 4, 4], blocks: 1, heads: 4, attention: [8]),
    "unet_tiny32": latent(width: 32, [1, 2, 4], blocks: 1, heads: 2, attention: [4]),
    "unet_sin_tiny32": latent(
      width: 32, [1, 2, 4], blocks: 1, heads: 2, attention: [4], time: .sinusoidal),
  ]

  private static func latent(
    width: Int, _ multipliers: [Int], blocks: Int, heads: Int, attention: [Int],
    time: DenoiserArchitecture.Time = .learned
  ) -> DenoiserArchitecture {
    DenoiserArchitecture(
      inputs: 8, outputs: 4, width: width, multipliers: multipliers, blocksPerLevel: blocks,
      heads: heads, attentionReductions: attention, time: time)
  }
}

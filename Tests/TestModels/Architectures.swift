public import DepthModels

/// The dimensions of the networks in D3-RSMDE's paper and code, and of smaller ones.
public enum Architectures {
  /// DPT-hybrid, the coarse network of D3-RSMDE.
  public static let hybrid = CoarseArchitecture(
    backbone: .hybrid(
      .init(
        stem: 64, depths: [3, 4, 9], widths: [256, 512, 1024], groups: 32, normEpsilon: 1e-5,
        standardizationEpsilon: 1e-8)),
    width: 768, depth: 12, heads: 12, hidden: 3072, layerNormEpsilon: 1e-6, hooks: [8, 11],
    positionGrid: 24, neck: [256, 512, 768, 768], fusion: 256, head: [128, 32],
    normalization: .raw255)

  /// DPT with a plain ViT-B/16.
  public static let plain = CoarseArchitecture(
    backbone: .plain(.init(patch: 16)), width: 768, depth: 12, heads: 12, hidden: 3072,
    layerNormEpsilon: 1e-6, hooks: [2, 5, 8, 11], positionGrid: 24, neck: [96, 192, 384, 768],
    fusion: 256, head: [128, 32], normalization: .raw255)

  /// A coarse network that is small enough for any test.
  public static let tinyCoarse = CoarseArchitecture(
    backbone: .plain(.init(patch: 16)), width: 64, depth: 4, heads: 1, hidden: 128,
    layerNormEpsilon: 1e-6, hooks: [0, 1, 2, 3], positionGrid: 8, neck: [32, 32, 64, 64],
    fusion: 32, head: [16, 8], normalization: .raw255)

  /// An autoencoder that is small enough for any test.
  public static let tinyAutoencoder = AutoencoderArchitecture(
    latentChannels: 4, widths: [32, 32, 64, 64], blocksPerLevel: 1, attendsCoarsestLevel: false,
    latentScale: 0.18215)

  /// The autoencoder of Stable Diffusion.
  public static let autoencoderKL = AutoencoderArchitecture(
    latentChannels: 4, widths: [128, 256, 512, 512], blocksPerLevel: 2,
    attendsCoarsestLevel: false, latentScale: 0.18215)

  /// The VA-VAE.
  public static let vaVAE = AutoencoderArchitecture(
    latentChannels: 32, widths: [128, 128, 256, 256, 512], blocksPerLevel: 2,
    attendsCoarsestLevel: true, latentScale: 1)

  /// U-Nets by the names of their key lists and reference outputs.
  public static let denoisers: [String: DenoiserArchitecture] = [
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

/// The dimensions of a variational autoencoder: Stable Diffusion's AutoencoderKL, or the VA-VAE.
///
/// Sources: Rombach et al., arXiv:2112.10752; Yao et al., arXiv:2501.01423.
public struct AutoencoderArchitecture: Hashable, Sendable, Codable {
  /// The number of channels of a latent.
  public var latentChannels: Int
  /// The number of channels of each level, finest first; each level has half the rows and columns of the one before it.
  public var widths: [Int]
  /// The number of residual blocks per level of the encoder; the decoder has one more per level.
  public var blocksPerLevel: Int
  /// Whether attention follows each block of the coarsest level; the middle always has it.
  public var attendsCoarsestLevel: Bool
  /// The number of groups of each group normalization.
  public var groups: Int
  /// The value that group normalization adds to the variance.
  public var normEpsilon: Double
  /// The factor that latents are multiplied by before they are passed to the denoiser.
  public var latentScale: Double

  /// Creates an architecture from its dimensions.
  public init(
    latentChannels: Int, widths: [Int], blocksPerLevel: Int, attendsCoarsestLevel: Bool,
    groups: Int = 32, normEpsilon: Double = 1e-6, latentScale: Double
  ) {
    self.latentChannels = latentChannels
    self.widths = widths
    self.blocksPerLevel = blocksPerLevel
    self.attendsCoarsestLevel = attendsCoarsestLevel
    self.groups = groups
    self.normEpsilon = normEpsilon
    self.latentScale = latentScale
  }

  /// The number of image pixels per latent pixel, along each axis.
  public var reduction: Int { 1 << (widths.count - 1) }

  func validate(_ check: ManifestCheck) throws(ModelError) {
    let name = "refiner.autoencoder"
    try check.requireSizes(
      [latentChannels, blocksPerLevel, groups],
      "\(name) [latentChannels, blocksPerLevel, groups]", count: 3)
    try check.requireSizes(widths, "\(name).widths")
    try check.require(widths.count <= 8, "\(name).widths", widths, "at most 8 levels")
    try check.require(
      widths.allSatisfy { $0 % groups == 0 }, "\(name).widths", widths,
      "multiples of \(groups) groups")
    try check.require(
      normEpsilon > 0, "\(name).normEpsilon", normEpsilon, "a number greater than 0")
    try check.require(
      latentScale.isFinite && latentScale > 0, "\(name).latentScale", latentScale,
      "a finite number greater than 0")
  }
}

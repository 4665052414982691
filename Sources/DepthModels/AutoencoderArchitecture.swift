/// The sizes of a variational autoencoder: AutoencoderKL of Stable Diffusion, or the VA-VAE.
///
/// Sources: Rombach et al., arXiv:2112.10752; Yao et al., arXiv:2501.01423.
public struct AutoencoderArchitecture: Hashable, Sendable, Codable {
  public var latentChannels: Int
  /// The channels of each level, the finest first; each next level has half the rows and columns.
  public var widths: [Int]
  /// The residual blocks of a level of the encoder; the decoder's have one more.
  public var blocksPerLevel: Int
  /// Whether attention follows each block of the coarsest level; it always stands between the two halves.
  public var attendsCoarsestLevel: Bool
  /// Of the group normalisations.
  public var groups: Int
  /// Added to the variance of a group.
  public var normEpsilon: Double
  /// What latents are multiplied by before the denoiser sees them.
  public var latentScale: Double

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

  /// Pixels of the image along each axis for one of the latent.
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
    try check.require(normEpsilon > 0, "\(name).normEpsilon", normEpsilon, "above 0")
    try check.require(
      latentScale.isFinite && latentScale > 0, "\(name).latentScale", latentScale,
      "a finite number above 0")
  }
}

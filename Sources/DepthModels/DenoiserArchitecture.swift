/// The dimensions of the U-Net that refines a coarse map in several steps, in a latent space or in pixels.
///
/// Source: the U-Net of "improved diffusion" (Nichol & Dhariwal, arXiv:2102.09672), as SegRefiner and D3-RSMDE use it.
public struct DenoiserArchitecture: Hashable, Sendable, Codable {
  /// The embedding of the step that conditions the network.
  public enum Time: String, Hashable, Sendable, Codable {
    /// A learned table with one vector per step.
    case learned
    /// Sines and cosines of the step's number, followed by an MLP.
    case sinusoidal
  }

  /// The number of channels of the image (or its latent) and the map together.
  public var inputs: Int
  /// The number of channels of the map.
  public var outputs: Int
  /// The number of channels of the finest level.
  public var width: Int
  /// The number of channels of each level as a multiple of `width`, finest first.
  public var multipliers: [Int]
  /// The number of residual blocks per level on the downsampling path; the upsampling path has one more per level.
  public var blocksPerLevel: Int
  /// The number of attention heads.
  public var heads: Int
  /// The downsampling factors (1, 2, 4, …) of the levels at which attention follows each block.
  public var attentionReductions: [Int]
  /// Whether the time embedding scales and shifts normalized features, instead of being added before the normalization.
  public var scalesAndShifts: Bool
  /// The embedding of the step.
  public var time: Time
  /// The number of groups of each group normalization.
  public var groups: Int
  /// The value that group normalization adds to the variance.
  public var normEpsilon: Double

  /// Creates an architecture from its dimensions.
  public init(
    inputs: Int, outputs: Int, width: Int, multipliers: [Int], blocksPerLevel: Int, heads: Int,
    attentionReductions: [Int], scalesAndShifts: Bool = false, time: Time = .learned,
    groups: Int = 32, normEpsilon: Double = 1e-5
  ) {
    self.inputs = inputs
    self.outputs = outputs
    self.width = width
    self.multipliers = multipliers
    self.blocksPerLevel = blocksPerLevel
    self.heads = heads
    self.attentionReductions = attentionReductions
    self.scalesAndShifts = scalesAndShifts
    self.time = time
    self.groups = groups
    self.normEpsilon = normEpsilon
  }

  /// The number that the rows and columns of the input must be multiples of.
  public var sizeMultiple: Int { 1 << (multipliers.count - 1) }

  /// The number of channels of each level, finest first.
  var widths: [Int] { multipliers.map { $0 * width } }

  package func validate(_ check: ManifestCheck) throws(ModelError) {
    let name = "refiner.denoiser"
    try check.requireSizes(
      [inputs, outputs, width, blocksPerLevel, heads, groups],
      "\(name) [inputs, outputs, width, blocksPerLevel, heads, groups]", count: 6)
    try check.requireSizes(multipliers, "\(name).multipliers")
    try check.require(
      multipliers.count <= 8, "\(name).multipliers", multipliers, "at most 8 levels")
    try check.requireSizes(widths, "\(name).width times its multipliers")
    try check.require(
      outputs < inputs, "\(name).outputs", outputs,
      "fewer than the \(inputs) inputs, which include the image")
    try check.require(
      width % groups == 0, "\(name).width", width, "a multiple of \(groups) groups")
    try check.require(
      time == .learned || width % 2 == 0, "\(name).width", width,
      "an even number, for pairs of sine and cosine")
    try check.require(
      widths.allSatisfy { $0 % heads == 0 }, "\(name).heads", heads, "a divisor of \(widths)")
    let reductions = multipliers.indices.map { 1 << $0 }
    try check.require(
      Set(attentionReductions).isSubset(of: reductions)
        && Set(attentionReductions).count == attentionReductions.count,
      "\(name).attentionReductions", attentionReductions, "distinct values of \(reductions)")
    try check.require(
      normEpsilon > 0, "\(name).normEpsilon", normEpsilon, "a number greater than 0")
  }
}

/// The sizes of the U-Net that refines a coarse map step by step, in a latent space or in pixels.
///
/// Source: the "improved diffusion" U-Net (Nichol & Dhariwal, arXiv:2102.09672) as SegRefiner and D3-RSMDE use it.
public struct DenoiserArchitecture: Hashable, Sendable, Codable {
  /// How the network is told which step it is at.
  public enum Time: String, Hashable, Sendable, Codable {
    /// A table with one vector for each step.
    case learned
    /// Sines and cosines of the step's number, through a perceptron.
    case sinusoidal
  }

  /// The channels of the image (or its latent) and of the map together.
  public var inputs: Int
  /// The channels of the map.
  public var outputs: Int
  /// The channels of the finest level.
  public var width: Int
  /// Each level's channels as multiples of the width, the finest first.
  public var multipliers: [Int]
  /// The residual blocks of a level on the way down; one more on the way up.
  public var blocksPerLevel: Int
  public var heads: Int
  /// The levels, by their reduction (1, 2, 4, …), at which attention follows each block.
  public var attentionReductions: [Int]
  /// Whether the step scales and shifts normalised features, instead of being added before.
  public var scalesAndShifts: Bool
  public var time: Time
  /// Of the group normalisations.
  public var groups: Int
  /// Added to the variance of a group.
  public var normEpsilon: Double

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

  /// Rows and columns of its input must be multiples of it.
  public var sizeMultiple: Int { 1 << (multipliers.count - 1) }

  /// The channels of each level, the finest first.
  var widths: [Int] { multipliers.map { $0 * width } }

  func validate(_ check: ManifestCheck) throws(ModelError) {
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
      "fewer than the \(inputs) inputs, which hold the image too")
    try check.require(
      width % groups == 0, "\(name).width", width, "a multiple of \(groups) groups")
    try check.require(
      time == .learned || width % 2 == 0, "\(name).width", width,
      "an even number, of sines and cosines")
    try check.require(
      widths.allSatisfy { $0 % heads == 0 }, "\(name).heads", heads, "a divisor of \(widths)")
    let reductions = multipliers.indices.map { 1 << $0 }
    try check.require(
      Set(attentionReductions).isSubset(of: reductions)
        && Set(attentionReductions).count == attentionReductions.count,
      "\(name).attentionReductions", attentionReductions, "some of \(reductions), each once")
    try check.require(normEpsilon > 0, "\(name).normEpsilon", normEpsilon, "above 0")
  }
}

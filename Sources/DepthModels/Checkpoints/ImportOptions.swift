/// What an import needs beyond the checkpoints.
public struct ImportOptions: Sendable {
  /// What cannot be read off a refiner's networks.
  public struct Refiner: Sendable {
    /// Of the U-Net's attention; nil: 8 for the one that goes with the VA-VAE, else 4.
    public var heads: Int?
    /// What latents are multiplied by; nil: as `config.json` says, else 0.18215 for four channels and 1 for others.
    public var latentScale: Double?
    /// The paper's T; nil: as many as the U-Net has learned, else 6.
    public var steps: Int?
    /// The paper's ε.
    public var epsilon: Double
    public var imageRange: RefinerArchitecture.ImageRange
    public var heightRange: RefinerArchitecture.HeightRange

    public init(
      heads: Int? = nil, latentScale: Double? = nil, steps: Int? = nil, epsilon: Double = 0.8,
      imageRange: RefinerArchitecture.ImageRange = .perImage,
      heightRange: RefinerArchitecture.HeightRange = .own
    ) {
      self.heads = heads
      self.latentScale = latentScale
      self.steps = steps
      self.epsilon = epsilon
      self.imageRange = imageRange
      self.heightRange = heightRange
    }
  }

  /// What users will need to know.
  public var card: ModelCard
  /// Nil: `raw255` for D3-RSMDE's own checkpoints, else `half`.
  public var normalization: CoarseArchitecture.Normalization?
  public var output: CoarseArchitecture.Output
  /// Nil: as `config.json` says, else one for each 64 channels.
  public var heads: Int?
  /// The tapped transformer blocks, from 0; nil: as `config.json` says, else at quarters of the depth.
  public var hooks: [Int]?
  /// Nil: as `config.json` says, else 32.
  public var groups: Int?
  /// Nil: as `config.json` says, else 1e-6.
  public var layerNormEpsilon: Double?
  public var refiner: Refiner
  /// Nil: as stored in the checkpoints, doubles as F32.
  public var storage: Safetensors.ElementType?

  public init(
    card: ModelCard, normalization: CoarseArchitecture.Normalization? = nil,
    output: CoarseArchitecture.Output = .unchanged,
    heads: Int? = nil, hooks: [Int]? = nil, groups: Int? = nil, layerNormEpsilon: Double? = nil,
    refiner: Refiner = Refiner(), storage: Safetensors.ElementType? = nil
  ) {
    self.card = card
    self.normalization = normalization
    self.output = output
    self.heads = heads
    self.hooks = hooks
    self.groups = groups
    self.layerNormEpsilon = layerNormEpsilon
    self.refiner = refiner
    self.storage = storage
  }
}

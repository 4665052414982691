/// The settings of an import that are not in the checkpoints.
public struct ImportOptions: Sendable {
  /// The settings of a refiner that cannot be inferred from its networks.
  public struct Refiner: Sendable {
    /// The number of attention heads of the U-Net.
    ///
    /// If nil, 8 for the one that belongs to the VA-VAE, else 4.
    public var heads: Int?
    /// The factor that latents are multiplied by.
    ///
    /// If nil, the value in `config.json`, else 0.18215 for four channels and 1 for other numbers of channels.
    public var latentScale: Double?
    /// T, the number of steps.
    ///
    /// If nil, the number that the U-Net has learned, else 6.
    public var steps: Int?
    /// ε, the share of the estimate in the first blend of training.
    public var epsilon: Double
    /// How images are normalized.
    public var imageRange: RefinerArchitecture.ImageRange
    /// How heights are normalized.
    public var heightRange: HeightRange

    /// Creates the settings of a refiner.
    public init(
      heads: Int? = nil, latentScale: Double? = nil, steps: Int? = nil, epsilon: Double = 0.8,
      imageRange: RefinerArchitecture.ImageRange = .perImage,
      heightRange: HeightRange = .own
    ) {
      self.heads = heads
      self.latentScale = latentScale
      self.steps = steps
      self.epsilon = epsilon
      self.imageRange = imageRange
      self.heightRange = heightRange
    }
  }

  /// The model card of the bundle.
  public var card: ModelCard
  /// How pixels in 0…255 are transformed.
  ///
  /// If nil, `raw255` for D3-RSMDE's own checkpoints, else `half`.
  public var normalization: CoarseArchitecture.Normalization?
  /// The affine transformation of the coarse network's output.
  public var output: CoarseArchitecture.Output
  /// The number of attention heads.
  ///
  /// If nil, the value in `config.json`, else one per 64 channels.
  public var heads: Int?
  /// The zero-based indices of the tapped transformer blocks.
  ///
  /// If nil, those in `config.json`, else quarters of the depth.
  public var hooks: [Int]?
  /// The number of groups of the backbone's normalization.
  ///
  /// If nil, the value in `config.json`, else 32.
  public var groups: Int?
  /// The value that layer normalization adds to the variance.
  ///
  /// If nil, the value in `config.json`, else 1e-6.
  public var layerNormEpsilon: Double?
  /// The settings of the refiner.
  public var refiner: Refiner
  /// The element type in the bundle.
  ///
  /// If nil, that of the checkpoints, with `F64` stored as `F32`.
  public var storage: Safetensors.ElementType?

  /// Creates the settings of an import.
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

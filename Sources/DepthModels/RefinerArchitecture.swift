package import Tensors

/// The dimensions of the refiner's networks, and the conventions that they were trained with.
public struct RefinerArchitecture: Hashable, Sendable, Codable {
  /// The schedule of Progressive Linear Blending.
  public struct Blending: Hashable, Sendable, Codable {
    /// T, the number of denoiser evaluations.
    public var steps: Int
    /// ε, the share of the estimate in the first blend of training.
    public var epsilon: Double

    /// Creates a schedule.
    public init(steps: Int = 6, epsilon: Double = 0.8) {
      self.steps = steps
      self.epsilon = epsilon
    }
  }

  /// How an image in 0…255 is normalized to −1…1.
  public enum ImageRange: String, Hashable, Sendable, Codable {
    /// x / 127.5 − 1, which is the same for all tiles of a scene.
    case scene
    /// By the minimum and the maximum of each image, over its three channels together.
    case perImage
  }

  /// The autoencoder, or nil if the denoiser works on pixels.
  public var autoencoder: AutoencoderArchitecture?
  /// The U-Net.
  public var denoiser: DenoiserArchitecture
  /// The schedule.
  public var blending: Blending
  /// How images are normalized.
  public var imageRange: ImageRange
  /// How heights are normalized.
  public var heightRange: HeightRange

  /// Creates an architecture from its networks and conventions.
  public init(
    autoencoder: AutoencoderArchitecture?, denoiser: DenoiserArchitecture,
    blending: Blending = Blending(), imageRange: ImageRange = .perImage,
    heightRange: HeightRange = .own
  ) {
    self.autoencoder = autoencoder
    self.denoiser = denoiser
    self.blending = blending
    self.imageRange = imageRange
    self.heightRange = heightRange
  }

  /// The number that images are padded to multiples of, so that skip connections have matching sizes.
  public var sizeMultiple: Int { (autoencoder?.reduction ?? 1) * denoiser.sizeMultiple }

  /// Checks every value in a manifest that would otherwise trap in arithmetic.
  ///
  /// - Throws: `ModelError` naming the value that is invalid.
  package func validate(in path: String) throws(ModelError) {
    let check = ManifestCheck(path: path)
    try denoiser.validate(check)
    try autoencoder?.validate(check)
    let (image, map) = autoencoder.map { ($0.latentChannels, $0.latentChannels) } ?? (3, 1)
    try check.require(
      denoiser.inputs == image + map && denoiser.outputs == map, "refiner.denoiser",
      "\(denoiser.inputs) → \(denoiser.outputs) channels",
      "\(image + map) → \(map) "
        + (autoencoder == nil ? "without an autoencoder" : "for the autoencoder's latents"))
    try check.require(
      (1...1000).contains(blending.steps), "refiner.blending.steps", blending.steps, "1 to 1000")
    try check.require(
      blending.epsilon > 0 && blending.epsilon <= 1, "refiner.blending.epsilon", blending.epsilon,
      "greater than 0 and at most 1")
  }
}

extension RefinerArchitecture.ImageRange {
  /// Returns an image in 0…255 normalized to −1…1.
  package func applied(to image: Tensor) -> Tensor {
    switch self {
    case .scene: Tensor(image.shape, image.scalars.map { $0 / 127.5 - 1 })
    case .perImage:
      Tensor(image.shape, image.minMaxNormalized().scalars.map { $0 * 2 - 1 })
    }
  }
}

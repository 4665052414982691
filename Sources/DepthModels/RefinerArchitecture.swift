package import Tensors

/// The refining half of D3-RSMDE: its networks, and the conventions that it was trained with.
public struct RefinerArchitecture: Hashable, Sendable, Codable {
  /// The schedule of Progressive Linear Blending.
  public struct Blending: Hashable, Sendable, Codable {
    /// Evaluations of the denoiser; the T of the paper.
    public var steps: Int
    /// The share of the estimate in the first blend of training, the ε of the paper.
    public var epsilon: Double

    public init(steps: Int = 6, epsilon: Double = 0.8) {
      self.steps = steps
      self.epsilon = epsilon
    }
  }

  /// How an image of 0…255 becomes −1…1.
  public enum ImageRange: String, Hashable, Sendable, Codable {
    /// x / 127.5 − 1, the same for all tiles of a scene.
    case scene
    /// By the least and the greatest number of each image, over its three channels together.
    case perImage
  }

  /// By which range the heights of truth and coarse map were brought to −1…1.
  public enum HeightRange: String, Hashable, Sendable, Codable {
    /// Both by one, so that what is decoded lies on the coarse map's ruler.
    case shared
    /// Each by its own least and greatest, as in the paper: what is decoded is a form without a ruler.
    case own
  }

  /// Nil where the denoiser works on pixels.
  public var autoencoder: AutoencoderArchitecture?
  public var denoiser: DenoiserArchitecture
  public var blending: Blending
  public var imageRange: ImageRange
  public var heightRange: HeightRange

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

  /// Images are padded to multiples of it: below, the ways down and up through the levels would not meet.
  public var sizeMultiple: Int { (autoencoder?.reduction ?? 1) * denoiser.sizeMultiple }

  package func validate(in path: String) throws(ModelError) {
    let check = ManifestCheck(path: path)
    try denoiser.validate(check)
    try autoencoder?.validate(check)
    let (image, map) = autoencoder.map { ($0.latentChannels, $0.latentChannels) } ?? (3, 1)
    try check.require(
      denoiser.inputs == image + map && denoiser.outputs == map, "refiner.denoiser",
      "\(denoiser.inputs) → \(denoiser.outputs) channels",
      "\(image + map) → \(map) "
        + (autoencoder == nil ? "without an autoencoder" : "by the autoencoder's latents"))
    try check.require(
      (1...1000).contains(blending.steps), "refiner.blending.steps", blending.steps, "1 to 1000")
    try check.require(
      blending.epsilon > 0 && blending.epsilon <= 1, "refiner.blending.epsilon", blending.epsilon,
      "above 0, at most 1")
  }
}

extension RefinerArchitecture.ImageRange {
  /// An image of 0…255 as −1…1.
  package func applied(to image: Tensor) -> Tensor {
    switch self {
    case .scene: Tensor(image.shape, image.scalars.map { $0 / 127.5 - 1 })
    case .perImage:
      Tensor(image.shape, image.minMaxNormalized().scalars.map { $0 * 2 - 1 })
    }
  }
}

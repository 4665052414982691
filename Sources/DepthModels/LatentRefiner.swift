public import Tensors

/// The refiner of D3-RSMDE: Progressive Linear Blending in an autoencoder's latent space, or in pixels.
public struct LatentRefiner: TileRefiner {
  /// The dimensions and conventions of the networks.
  public let architecture: RefinerArchitecture
  /// The memory of all weights, in bytes.
  public let weightBytes: Int
  private let autoencoder: AutoencoderKL?
  private let denoiser: DenoiseUNet

  /// Loads the networks.
  ///
  /// - Parameters:
  ///   - vae: The tensors of the autoencoder; nil if the architecture has none.
  ///   - unet: The tensors of the denoiser.
  ///   - architecture: The dimensions of the networks and the conventions used in training.
  /// - Throws: `ModelError` naming the tensor that is missing, extra or has the wrong shape.
  public init(vae: Weights?, unet: Weights, _ architecture: RefinerArchitecture) throws {
    self.architecture = architecture
    autoencoder = try vae.flatMap { weights in
      try architecture.autoencoder.map { try AutoencoderKL(weights, $0) }
    }
    denoiser = try DenoiseUNet(unet, architecture.denoiser, steps: architecture.blending.steps)
    try vae?.finish { _ in false }
    try unet.finish { _ in false }
    weightBytes = unet.byteCount + (vae?.byteCount ?? 0)
  }

  /// Whether the refiner works on latents of an autoencoder.
  public var hasLatents: Bool { autoencoder != nil }
  /// T, the number of steps that the denoiser was trained for.
  public var steps: Int { architecture.blending.steps }
  /// The range by which heights were normalized in training.
  public var heightRange: HeightRange { architecture.heightRange }

  /// Returns refined heights, after all steps of the schedule.
  public func refine(
    _ coarse: Tensor, image: Tensor, options: RefineOptions, seed: UInt64
  ) throws -> Tensor {
    let (_, rows, columns, _) = image.shape.image
    let conditions = conditions(coarse, image: image, options: options, seed: seed)
    let blend = blending(options).refine(conditions.coarse, image: conditions.image, by: denoiser)
    return try heights(from: blend, rows: rows, columns: columns, options: options)
  }

  private func blending(_ options: RefineOptions) -> ProgressiveBlending {
    ProgressiveBlending(
      steps: architecture.blending.steps, epsilon: architecture.blending.epsilon,
      evaluations: options.steps, stopsAtOne: options.stopsAtOne)
  }

  /// Returns the peak memory of the activations for a tile, in bytes.
  public func peakBytes(rows: Int, columns: Int) -> Int {
    architecture.peakBytes(rows: rows, columns: columns, workers: Parallel.workers)
  }

  /// Returns the number of additions and multiplications for a tile.
  public func operationCount(rows: Int, columns: Int, options: RefineOptions) -> Double {
    architecture.operationCount(
      rows: rows, columns: columns, evaluations: Array(blending(options)).count)
  }
}

extension LatentRefiner: SteppedRefiner {
  /// The number of image pixels per latent pixel, along each axis; 1 without an autoencoder.
  public var reduction: Int { architecture.autoencoder?.reduction ?? 1 }
  /// The number of channels of the coarse map, blends and estimates.
  public var coarseChannels: Int { architecture.denoiser.outputs }
  /// The number of channels of the image or its latent.
  public var imageChannels: Int { architecture.denoiser.inputs - architecture.denoiser.outputs }

  /// Returns the rows and columns of the latents of a tile, after padding to the size that the networks require.
  public func latentSize(rows: Int, columns: Int) -> (rows: Int, columns: Int) {
    let size = architecture.padded(rows, columns)
    return (size.rows / reduction, size.columns / reduction)
  }

  /// Returns the steps in the order in which they run.
  public func schedule(_ options: RefineOptions) -> [ProgressiveBlending.Step] {
    Array(blending(options))
  }

  /// Returns the inputs that all steps of a tile share.
  public func conditions(
    _ coarse: Tensor, image: Tensor, options: RefineOptions, seed: UInt64
  ) -> RefineConditions {
    let (batch, rows, columns, channels) = image.shape.image
    precondition(batch == 1 && channels == 3 && coarse.shape == [1, rows, columns, 1])
    let size = architecture.padded(rows, columns)
    let map =
      options.followsPaperExactly ? coarse.mapped { ($0 * 255).rounded(.down) / 255 } : coarse
    let range = options.followsPaperExactly ? .perImage : architecture.imageRange
    let input = range.applied(to: image)
      .extended(rows: size.rows, columns: size.columns)
    let start = map.mapped { $0 * 2 - 1 }.extended(rows: size.rows, columns: size.columns)
    guard let autoencoder else { return RefineConditions(coarse: start, image: input) }
    func latent(_ image: Tensor, seed: UInt64) -> Tensor {
      let posterior = autoencoder.encode(image)
      let latent = options.samplesPosterior ? posterior.sample(seed: seed) : posterior.mean
      return latent.mapped { $0 * Float(autoencoder.architecture.latentScale) }
    }
    return RefineConditions(
      coarse: latent(start, seed: seed &+ 1),
      image: latent(input, seed: seed))
  }

  /// Returns the denoiser's estimate of the fine map from a blend.
  public func estimate(from blend: Tensor, _ conditions: RefineConditions, at step: Int) -> Tensor {
    denoiser(blend, features: denoiser.features(of: conditions.image), step: step)
  }

  /// Returns the heights of a tile from its last blend.
  ///
  /// - Throws: `ModelError` if the result is not finite, or is constant where the height range is `own`.
  public func heights(
    from blend: Tensor, rows: Int, columns: Int, options: RefineOptions
  ) throws -> Tensor {
    var result = blend
    if let autoencoder {
      let scale = Float(autoencoder.architecture.latentScale)
      let latent = blend.mapped { $0 / scale }
      if options.followsPaperExactly, autoencoder.architecture.attendsCoarsestLevel {
        result = autoencoder.decode(latent)
          .mapped { min(max($0 * 127.5 + 128, 0), 255).rounded(.down) }
          .channelMean()
      } else {
        result = autoencoder.decodeMean(latent)
      }
    }
    result = result.cropped(rows: rows, columns: columns)
    guard result.scalars.allSatisfy(\.isFinite) else {
      throw ModelError(
        .badData, "the refiner returned heights that are not finite for finite coarse heights")
    }
    if options.followsPaperExactly { return result.minMaxNormalized() }
    guard heightRange == .own else { return result.mapped { ($0 + 1) / 2 } }
    let (lowest, highest) = result.range
    guard lowest < highest else {
      throw ModelError(
        .badData, "the refiner returned the constant height \(lowest), expected heights that vary")
    }
    return result.minMaxNormalized()
  }
}

extension Tensor {
  /// Returns the mean of the channels of each pixel.
  fileprivate func channelMean() -> Tensor {
    let (batch, rows, columns, channels) = shape.image
    let means = stride(from: 0, to: shape.count, by: channels).map { first in
      scalars[first..<first + channels].reduce(0, +) / Float(channels)
    }
    return Tensor([batch, rows, columns, 1], means)
  }
}

import DepthModels
import Rasters
import Tensors

/// Training of the refining network: at a step drawn for each sample, the truth's latent from a blend of it and the coarse map's.
///
/// Source: D3-RSMDE, arXiv:2603.16362: z_t = ᾱ_t · truth + (1 − ᾱ_t) · coarse, and the mean absolute error of the answer.
struct RefinerTask: TrainingTask {
  static let folder = "refiner"

  let name = Self.folder
  let training: RefinerTraining
  let flips: Bool
  let tiles: [TrainingTile]
  let validation: [TrainingTile]
  let store: LatentStore
  let seed: UInt64

  var optimization: Optimization { training.optimization }
  var sampleCount: Int { tiles.count }

  func firstParameters() throws -> Parameters {
    try Parameters("the refining network", from: training.start.source(seed: seed)) {
      _ = try network($0)
    }
  }

  private func network(_ weights: Weights) throws -> DenoiseUNet {
    try DenoiseUNet(weights, training.denoiser, steps: training.blending.steps)
  }

  private var blending: ProgressiveBlending {
    ProgressiveBlending(steps: training.blending.steps, epsilon: training.blending.epsilon)
  }

  func learn(
    _ sample: Int, epoch: Int, place: Int, _ parameters: ParameterSource, share: Double
  ) async throws -> Double {
    var generator = SplitMix64(seed: seed, .sample, epoch, place)
    let step = generator.below(training.blending.steps)
    let dropout =
      training.dropout > 0 ? Dropout(rate: training.dropout, seed: generator.next()) : nil
    let latents = try await latents(sample, epoch, place)
    let part = Float(blending.share(of: step))
    let blend = Tensor(
      latents.truth.shape,
      zip(latents.truth.scalars, latents.coarse.scalars).map { part * $0 + (1 - part) * $1 })
    let network = try network(Weights(parameters))
    let answer = network(
      blend, seeing: network.features(of: latents.image), step: step, dropout: dropout)
    let loss = L1Loss()(answer.untracked, truth: latents.target)
    if loss.value.isFinite { Gradients.walk(back: answer, from: (share * loss).gradient) }
    return loss.value
  }

  func shown(_ sample: Int, epoch: Int, place: Int) async throws -> [(name: String, tensor: Tensor)]
  {
    let latents = try await latents(sample, epoch, place)
    return [("image", latents.image), ("coarse", latents.coarse), ("truth", latents.target)]
  }

  private func latents(_ sample: Int, _ epoch: Int, _ place: Int) async throws
    -> LatentStore.Latents
  {
    var generator = SplitMix64(seed: seed, .view, epoch, place)
    let turn = flips ? TileView.turns[generator.below(4)] : .identity
    guard let latents = try await store.latents(of: tiles[sample], turn) else {
      preconditionFailure("tiles without a form were left out")
    }
    return latents
  }

  /// The refined heights of a tile, all steps from the coarse map.
  private func refined(_ latents: LatentStore.Latents, _ network: DenoiseUNet) -> Tensor {
    let blend = blending.refine(latents.coarse, image: latents.image, by: network)
    guard let autoencoder = store.autoencoder else { return blend }
    return autoencoder.decodeMean(blend.mapped { $0 / Float(store.latentScale) })
  }

  /// The mean absolute difference in pixels, both maps −1…1; each from its own lowest to its highest where the bundle says so.
  func validate(_ parameters: ParameterSource) async throws -> Double {
    let network = try network(Weights(parameters))
    var losses: [Double] = []
    for tile in validation {
      try Task.checkCancellation()
      guard let latents = try await store.latents(of: tile, .identity),
        let shown = try await shown(tile)
      else { continue }
      let heights = refined(latents, network)
      let compared =
        training.heightRange == .own ? heights.minMaxNormalized().signed : heights
      losses.append(L1Loss()(compared, truth: shown.truth).value)
    }
    return losses.reduce(0, +) / Double(losses.count)
  }

  private func shown(_ tile: TrainingTile) async throws -> RefinerTile? {
    RefinerTile(
      try await store.reader.sample(tile), coarse: try store.maps.map(of: tile),
      imageRange: training.imageRange,
      heightRange: training.heightRange)
  }

  func pictures(_ parameters: ParameterSource) async throws -> [TrainingPicture] {
    let network = try network(Weights(parameters))
    var pictures: [TrainingPicture] = []
    for (index, tile) in validation.spread(TrainingPage.mostSamples).enumerated() {
      guard let latents = try await store.latents(of: tile, .identity),
        let shown = try await shown(tile)
      else { continue }
      pictures += [
        TrainingPicture(
          name: "\(index)-image", caption: tile.name, picture: shown.image.unsigned.picture),
        TrainingPicture(
          name: "\(index)-heights", caption: "heights", picture: shown.truth.hillshade),
        TrainingPicture(
          name: "\(index)-coarse", caption: "coarse map", picture: shown.coarse.hillshade),
        TrainingPicture(
          name: "\(index)-answer", caption: "refined", picture: refined(latents, network).hillshade),
      ]
    }
    return pictures
  }
}

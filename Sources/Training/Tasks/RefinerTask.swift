import DepthModels
import Grids
import Rasters
import Tensors

/// Trains the refining network to predict the truth's latent from a blend of the truth's and the coarse map's latents.
///
/// A step t is drawn for each sample. The blend is z_t = ᾱ_t · truth + (1 − ᾱ_t) · coarse, and the loss is the mean
/// absolute error of the prediction. Source: D3-RSMDE, arXiv:2603.16362.
///
/// Two optional extensions:
/// - Losses of the decoded prediction (`RefinerTraining.decoded`). The mean absolute error alone gives the smooth
///   average of all plausible heights.
/// - Blends of the network's own estimates (`RefinerTraining.ownEstimates`), as they occur in inference. A network that
///   was trained on blends of the truth alone mistakes its own detail for the truth's and amplifies it at each step;
///   this matters when there are few training pairs.
package struct RefinerTask: TrainingTask {
  static let folder = "refiner"

  let name = Self.folder
  package let training: RefinerTraining
  let flips: Bool
  package let tiles: [TrainingTile]
  package let validation: [TrainingTile]
  package let store: LatentStore
  package let seed: UInt64
  /// Nil unless the LPIPS loss has a positive weight.
  let lpips: LPIPS?

  var optimization: Optimization { training.optimization }
  var sampleCount: Int { tiles.count }

  package func firstParameters() throws -> Parameters {
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

  package func learn(
    _ sample: Int, epoch: Int, place: Int, _ parameters: ParameterSource, share: Double
  ) async throws -> Double {
    var generator = SplitMix64(seed: seed, .sample, epoch, place)
    let step = generator.below(training.blending.steps)
    let corner = training.decoded.map { drawnCorner(of: $0, &generator) }
    let isOwn = training.ownEstimates.map { generator.unit() < $0 } ?? false
    let dropout =
      training.dropout > 0 ? Dropout(rate: training.dropout, seed: generator.next()) : nil
    let turn = turn(epoch, place)
    let latents = try await latents(of: sample, turn)
    let network = try network(Weights(parameters))
    let features = network.features(of: latents.image)
    let blend =
      isOwn
      ? blending.refine(latents.coarse, image: latents.image, by: network, before: step)
      : ProgressiveBlending.blend(
        latents.truth, latents.coarse, share: blending.share(of: step))
    let answer = network(blend, features: features, step: step, dropout: dropout)
    let distance = L1Loss()(answer.untracked, truth: latents.target)
    var (value, parts) = (distance.value, [(answer, distance)])
    if let part = training.decoded, let corner,
      let shown = try await store.shown(tiles[sample], turn)
    {
      let cells = (part.side ?? side) / reduction
      let heights = comparable(
        of: decoded(
          answer.cropped(rows: cells, columns: cells, row: corner.row, column: corner.column)))
      let truth = shown.truth.unsigned.cropped(
        rows: cells * reduction, columns: cells * reduction, row: corner.row * reduction,
        column: corner.column * reduction)
      let more = decodedLoss(heights.untracked, truth, part)
      value += more.value
      parts.append((heights, more))
    }
    if value.isFinite {
      Gradients.walk(back: parts.map(\.0), from: parts.map { (share * $0.1).gradient })
    }
    return value
  }

  func shown(_ sample: Int, epoch: Int, place: Int) async throws -> [(name: String, tensor: Tensor)]
  {
    let latents = try await latents(of: sample, turn(epoch, place))
    return [("image", latents.image), ("coarse", latents.coarse), ("truth", latents.target)]
  }

  private var reduction: Int { store.autoencoder?.architecture.reduction ?? 1 }
  /// The side of a tile in pixels.
  private var side: Int { tiles[0].window.width }

  /// Draws the corner of the crop that is decoded, in latent cells.
  private func drawnCorner(
    of part: RefinerTraining.Decoded, _ generator: inout SplitMix64
  ) -> (row: Int, column: Int) {
    let places = (side - (part.side ?? side)) / reduction + 1
    return (generator.below(places), generator.below(places))
  }

  private func turn(_ epoch: Int, _ place: Int) -> SquareSymmetry {
    var generator = SplitMix64(seed: seed, .view, epoch, place)
    return flips ? TileView.turns[generator.below(4)] : .identity
  }

  private func latents(of sample: Int, _ turn: SquareSymmetry) async throws -> LatentStore.Latents {
    guard let latents = try await store.latents(of: tiles[sample], turn) else {
      preconditionFailure("tiles without usable relief were left out")
    }
    return latents
  }

  /// Returns the refined heights of a tile, after all steps from the coarse map.
  private func refined(_ latents: LatentStore.Latents, _ network: DenoiseUNet) -> Tensor {
    decoded(blending.refine(latents.coarse, image: latents.image, by: network))
  }

  /// Decodes a latent to heights in about −1…1.
  private func decoded(_ latent: Tensor) -> Tensor {
    guard let autoencoder = store.autoencoder else { return latent }
    let scale = Float(store.latentScale)
    return autoencoder.decodeMean(latent.mapped({ $0 / scale }, derivative: { _ in 1 / scale }))
  }

  /// Converts heights to the range 0…1 in which they are compared: min–max normalized if `heightRange` is `.own`.
  private func comparable(of heights: Tensor) -> Tensor {
    training.heightRange == .own
      ? heights.minMaxNormalized()
      : heights.mapped({ ($0 + 1) / 2 }, derivative: { _ in 0.5 })
  }

  /// The weighted losses of the decoded heights of a tile or crop, both maps in 0…1.
  private func decodedLoss(
    _ heights: Tensor, _ truth: Tensor, _ weights: RefinerTraining.Decoded
  ) -> Loss {
    let steepness =
      weights.gradientMatching * GradientMatchingLoss()(heights, truth: truth)
      + weights.slopes * SlopeLoss()(heights, truth: truth)
    return lpips.map { steepness + weights.lpips * LPIPSLoss($0)(heights, truth: truth) }
      ?? steepness
  }

  /// The loss of heights in pixels: the mean absolute difference of maps in −1…1, plus the losses of decoded heights.
  private func loss(_ heights: Tensor, _ truth: Tensor) -> Double {
    let (heights, truth) = (comparable(of: heights), truth.unsigned)
    let more = training.decoded.map { decodedLoss(heights, truth, $0).value } ?? 0
    return 2 * L1Loss()(heights, truth: truth).value + more
  }

  /// Returns the loss of the unrefined coarse maps; a refiner with a higher validation loss is worse than none.
  func coarseLoss() async throws -> Double {
    try await meanLoss { _, shown in shown.coarse }
  }

  func validate(_ parameters: ParameterSource) async throws -> Double {
    let network = try network(Weights(parameters))
    return try await meanLoss { latents, _ in refined(latents, network) }
  }

  /// Returns the mean loss over the validation tiles.
  private func meanLoss(
    _ heights: (LatentStore.Latents, RefinerTile) -> Tensor
  ) async throws -> Double {
    var losses: [Double] = []
    for tile in validation {
      try Task.checkCancellation()
      guard let latents = try await store.latents(of: tile, .identity),
        let shown = try await store.shown(tile)
      else { continue }
      losses.append(loss(heights(latents, shown), shown.truth))
    }
    return losses.reduce(0, +) / Double(losses.count)
  }

  func pictures(_ parameters: ParameterSource) async throws -> [TrainingPicture] {
    let network = try network(Weights(parameters))
    var pictures: [TrainingPicture] = []
    for (index, tile) in validation.evenlySpaced(TrainingPage.mostSamples).enumerated() {
      guard let latents = try await store.latents(of: tile, .identity),
        let shown = try await store.shown(tile)
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

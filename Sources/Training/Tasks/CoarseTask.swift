import DepthModels
import Rasters
import Scenes
import Tensors

/// Trains the coarse network on min–max normalized heights of tiles, with scale-invariant losses.
struct CoarseTask: TrainingTask {
  let name: String
  let training: CoarseTraining
  let optimization: Optimization
  let samples: SampleDraw
  /// The validation tiles.
  let validation: [TrainingTile]
  /// Nil unless the LPIPS loss has a positive weight.
  let lpips: LPIPS?

  var sampleCount: Int { samples.tiles.count }

  func firstParameters() throws -> Parameters {
    let source = try training.start.source(seed: samples.seed)
    return try Parameters("the coarse network", from: source) {
      _ = try DPT($0, training.architecture)
    }
  }

  func learn(
    _ sample: Int, epoch: Int, place: Int, _ parameters: ParameterSource, share: Double
  ) async throws -> Double {
    let sample = try await samples.sample(sample, epoch: epoch, place: place)
    let output = try output(for: sample, parameters)
    let prediction = output.minMaxNormalized()
    let loss = loss(prediction.untracked, sample.heights)
    let level = training.losses.levelLoss(output.untracked, truth: sample.heights)
    let value = loss.value + (level?.value ?? 0)
    if value.isFinite {
      let parts = [(prediction, loss)] + (level.map { [(output, $0)] } ?? [])
      Gradients.walk(back: parts.map(\.0), from: parts.map { (share * $0.1).gradient })
    }
    return value
  }

  func shown(_ sample: Int, epoch: Int, place: Int) async throws -> [(name: String, tensor: Tensor)]
  {
    let sample = try await samples.sample(sample, epoch: epoch, place: place)
    return [("image", sample.image), ("heights", sample.heights)]
  }

  private func output(
    for sample: TrainingSample, _ parameters: ParameterSource
  ) throws -> Tensor {
    let network = try DPT(Weights(parameters), training.architecture)
    return network(training.architecture.normalization.applied(to: sample.image))
  }

  private func loss(_ prediction: Tensor, _ truth: Tensor) -> Loss {
    let weights = training.losses
    var parts: [Loss] = []
    if weights.hdn > 0 {
      parts.append(weights.hdn * HDNLoss(levels: weights.hdnLevels)(prediction, truth: truth))
    }
    if weights.l1 > 0 { parts.append(weights.l1 * L1Loss()(prediction, truth: truth)) }
    if weights.gradientMatching > 0 {
      parts.append(weights.gradientMatching * GradientMatchingLoss()(prediction, truth: truth))
    }
    if let lpips { parts.append(weights.lpips * LPIPSLoss(lpips)(prediction, truth: truth)) }
    return parts.dropFirst().reduce(parts[0], +)
  }

  /// Excludes the level loss, which does not depend on the shape of the terrain.
  func validate(_ parameters: ParameterSource) async throws -> Double {
    var sum = 0.0
    for tile in validation {
      try Task.checkCancellation()
      let sample = try await samples.reader.sample(tile)
      let prediction = try output(for: sample, parameters).minMaxNormalized()
      sum += loss(prediction, sample.heights).value
    }
    return sum / Double(validation.count)
  }

  func pictures(_ parameters: ParameterSource) async throws -> [TrainingPicture] {
    var pictures: [TrainingPicture] = []
    for (index, tile) in validation.evenlySpaced(TrainingPage.mostSamples).enumerated() {
      let sample = try await samples.reader.sample(tile)
      let answer = try output(for: sample, parameters).minMaxNormalized()
      pictures += [
        TrainingPicture(name: "\(index)-image", caption: tile.name, picture: sample.image.picture),
        TrainingPicture(
          name: "\(index)-heights", caption: "heights", picture: sample.heights.hillshade),
        TrainingPicture(
          name: "\(index)-answer", caption: "predicted heights", picture: answer.hillshade),
      ]
    }
    return pictures
  }
}

extension CoarseTraining.Losses {
  /// The level loss: the mean absolute difference between the raw output, before min–max normalization, and heights in
  /// 1…2.
  ///
  /// It keeps the raw output from drifting.
  ///
  /// - Parameters:
  ///   - output: The network's raw output.
  ///   - truth: Heights in 0…1, NaN where void.
  /// - Returns: The weighted loss; nil if its weight is 0 or nil.
  func levelLoss(_ output: Tensor, truth: Tensor) -> Loss? {
    guard let level, level > 0 else { return nil }
    return level * L1Loss()(output, truth: truth.mapped { $0 + 1 })
  }
}

extension Optional<StartWeights> {
  /// The source of a network's initial weights.
  func source(seed: UInt64) throws -> any WeightSource {
    guard let self else { return FreshWeights(seed: seed) }
    return StartingWeights(
      checkpoint: try Safetensors(reading: self.path),
      fallback: self.isPartial ? FreshWeights(seed: seed) : nil)
  }
}

import DepthModels
import Foundation
import Grids
import Scenes
import Surfaces
package import Tensors

/// Trains the autoencoder to reconstruct the images and height maps of tiles from their latents.
struct AutoencoderTask: TrainingTask {
  static let folder = "autoencoder"

  let name = Self.folder
  let training: AutoencoderTraining
  let optimization: Optimization
  let imageRange: RefinerArchitecture.ImageRange
  let samples: SampleDraw
  let validation: [TrainingTile]
  /// Nil unless the LPIPS loss has a positive weight.
  let lpips: LPIPS?

  var sampleCount: Int { samples.tiles.count }

  func firstParameters() throws -> Parameters {
    try Parameters("the autoencoder", from: training.start.source(seed: samples.seed)) {
      _ = try AutoencoderKL($0, training.architecture)
    }
  }

  func learn(
    _ sample: Int, epoch: Int, place: Int, _ parameters: ParameterSource, share: Double
  ) async throws -> Double {
    var generator = SplitMix64(seed: samples.seed, .sample, epoch, place)
    let maps = try await maps(sample, epoch, place)
    var sum = 0.0
    for map in maps {
      let network = try AutoencoderKL(Weights(parameters), training.architecture)
      let posterior = network.encode(map.filled)
      let answer = network.decode(posterior.sample(seed: generator.next()))
      let loss = loss(answer.untracked, map.truth)
      let divergence = Divergence.loss(posterior.moments.untracked)
      let value = loss.value + training.losses.divergence * divergence.value
      sum += value / Double(maps.count)
      guard value.isFinite else { return value }
      let weight = share / Double(maps.count)
      Gradients.walk(
        back: [answer, posterior.moments],
        from: [
          (weight * loss).gradient, (weight * training.losses.divergence * divergence).gradient,
        ])
    }
    return sum
  }

  func shown(_ sample: Int, epoch: Int, place: Int) async throws -> [(name: String, tensor: Tensor)]
  {
    zip(["image", "heights"], try await maps(sample, epoch, place)).map { ($0, $1.filled) }
  }

  /// An image or a height map, `[1, row, column, 3]` in −1…1.
  private struct Map {
    /// With voids filled: the network's input.
    let filled: Tensor
    /// NaN in voids: the target of the losses.
    let truth: Tensor
  }

  private func maps(_ sample: Int, _ epoch: Int, _ place: Int) async throws -> [Map] {
    maps(of: try await samples.sample(sample, epoch: epoch, place: place))
  }

  private func maps(of sample: TrainingSample) -> [Map] {
    let image = imageRange.applied(to: sample.image)
    return [
      Map(filled: image, truth: image),
      Map(
        filled: sample.heights.filled.signed.asThreeChannels,
        truth: sample.heights.signed.asThreeChannels),
    ]
  }

  /// The weighted reconstruction loss of tensors in −1…1.
  private func loss(_ answer: Tensor, _ truth: Tensor) -> Loss {
    let weights = training.losses
    let l1 = weights.l1 * L1Loss()(answer, truth: truth)
    guard let lpips else { return l1 }
    let perceptual = LPIPSLoss(lpips)(answer.unsigned, truth: truth.unsigned)
    return l1
      + weights.lpips
      * Loss(value: perceptual.value, gradient: perceptual.gradient.mapped { $0 / 2 })
  }

  func validate(_ parameters: ParameterSource) async throws -> Double {
    let network = try AutoencoderKL(Weights(parameters), training.architecture)
    var losses: [Double] = []
    for tile in validation {
      try Task.checkCancellation()
      for map in maps(of: try await samples.reader.sample(tile)) {
        losses.append(loss(network.decode(network.encode(map.filled).mean), map.truth).value)
      }
    }
    return losses.reduce(0, +) / Double(losses.count)
  }

  func pictures(_ parameters: ParameterSource) async throws -> [TrainingPicture] {
    let network = try AutoencoderKL(Weights(parameters), training.architecture)
    var pictures: [TrainingPicture] = []
    for (index, tile) in validation.evenlySpaced(TrainingPage.mostSamples).enumerated() {
      let maps = maps(of: try await samples.reader.sample(tile))
      let answers = maps.map { network.decode(network.encode($0.filled).mean) }
      pictures += [
        TrainingPicture(
          name: "\(index)-image", caption: tile.name, picture: maps[0].filled.unsigned.picture),
        TrainingPicture(
          name: "\(index)-image-again", caption: "reconstructed image",
          picture: answers[0].unsigned.picture),
        TrainingPicture(
          name: "\(index)-heights", caption: "heights", picture: maps[1].truth.hillshade),
        TrainingPicture(
          name: "\(index)-heights-again", caption: "reconstructed heights",
          picture: answers[1].hillshade),
      ]
    }
    return pictures
  }

  /// The factor that scales latents to a standard deviation of 1, measured on the images and heights of up to 64
  /// training tiles.
  func latentScale(_ parameters: ParameterSource) async throws -> Double {
    let network = try AutoencoderKL(Weights(parameters), training.architecture)
    var (count, sum, squares) = (0, 0.0, 0.0)
    for tile in samples.tiles.evenlySpaced(Self.measuredTiles) {
      try Task.checkCancellation()
      for map in maps(of: try await samples.reader.sample(tile)) {
        for value in network.encode(map.filled).mean.scalars {
          sum += Double(value)
          squares += Double(value) * Double(value)
          count += 1
        }
      }
    }
    let variance = squares / Double(count) - (sum / Double(count)) * (sum / Double(count))
    guard variance > 0 else {
      throw SceneError(
        .badData,
        "the autoencoder's latents are constant: it has learned nothing; "
          + "expected latents that vary (train it longer, or with another learning rate)")
    }
    return 1 / variance.squareRoot()
  }

  private static let measuredTiles = 64
}

/// The Kullback–Leibler divergence of a latent distribution from the standard normal distribution.
///
/// It is the mean of (μ² + σ² − 1 − ln σ²) / 2.
///
/// Source: D. P. Kingma & M. Welling, arXiv:1312.6114, appendix B, averaged over all values of a latent.
package enum Divergence {
  /// Returns the divergence and its gradient.
  ///
  /// - Parameter moments: `[batch, row, column, 2 · latent]`: the means, followed by the logarithms of the variances,
  ///   which are clamped to −30…20.
  /// - Returns: A loss whose value is 0 or more.
  package static func loss(_ moments: Tensor) -> Loss {
    let channels = moments.shape.channels
    let latent = channels / 2
    let share = 1 / Double(moments.shape.count / 2)
    var (value, gradient) = (0.0, moments.scalars)
    for i in gradient.indices {
      let x = Double(moments.scalars[i])
      if i % channels < latent {
        value += x * x / 2
        gradient[i] = Float(share * x)
      } else {
        let held = min(max(x, -30), 20)
        let variance = exp(held)
        value += (variance - 1 - held) / 2
        gradient[i] = x == held ? Float(share * (variance - 1) / 2) : 0
      }
    }
    return Loss(value: share * value, gradient: Tensor(moments.shape, gradient))
  }
}

import DepthModels
import Foundation
import Scenes
import Tensors

/// Making the model bundle.
extension TrainingRun {
  private static let bundleName = "bundle"

  /// Makes the bundle of the trained networks, or returns the existing one if it has the same networks and card.
  func bundle() async throws -> ModelBundle {
    let coarsePath = try coarseWeights(.all, "the bundle needs the weights")
    let encoder = try await encoder()
    var networks: [Manifest.Stage: String] = [.coarse: coarsePath]
    networks[.vae] = encoder?.path
    if let refiner = configuration.refiner {
      networks[.unet] = try weights(
        of: RefinerTask.folder, refiner.optimization, "the bundle needs the weights",
        trainedBy: "`relief train refiner`")
    }
    let storage = configuration.storage ?? .f32
    var inputs = [
      "card": try JSONEncoder.ordered.encode(configuration.card).sha256,
      "storage": storage.rawValue,
    ]
    for (stage, path) in networks {
      inputs[stage.rawValue] = try Safetensors(reading: path).sha256
    }
    let directory = folder + "/" + Self.bundleName
    let derived = DerivedParts(folder: folder)
    try derived.invalidateIfChanged(Self.bundleName, of: inputs)
    if FileManager.default.fileExists(atPath: directory) {
      return try ModelBundle(directory: directory)
    }
    return try ModelBundle.writing(
      networks, card: configuration.card, coarse: try await coarseArchitecture(coarsePath),
      refiner: refinerArchitecture(latentScale: encoder?.scale), to: directory, storage: storage)
  }

  /// Returns the architecture with the scale and offset that map the network's outputs to about 0…1.
  private func coarseArchitecture(_ path: String) async throws -> CoarseArchitecture {
    var architecture = configuration.coarse.architecture
    let parameters = try Parameters("the coarse network", from: Safetensors(reading: path)) {
      _ = try DPT($0, architecture)
    }
    architecture.output = try await coarseOutput(
      DPT(Weights(parameters.untracked()), architecture))
    return architecture
  }

  /// Returns the scale and offset that map the mean minimum and maximum over the validation tiles to 0 and 1.
  private func coarseOutput(_ network: DPT) async throws -> CoarseArchitecture.Output {
    var (low, high) = (0.0, 0.0)
    for tile in tiles.validation {
      let image = try await reader.sample(tile).image
      let range = network(
        configuration.coarse.architecture.normalization.applied(to: image)
      ).range
      low += Double(range.minimum) / Double(tiles.validation.count)
      high += Double(range.maximum) / Double(tiles.validation.count)
    }
    guard high > low else {
      throw SceneError(
        .badData,
        "the coarse network's output is \(low) everywhere: it has learned nothing; "
          + "expected outputs that vary (train it longer, or with another learning rate)")
    }
    let scale = 1 / (high - low)
    return CoarseArchitecture.Output(
      scale: scale, offset: -low * scale,
      origin:
        "maps the minimum and the maximum of the \(tiles.validation.count) validation tiles to 0 and 1, "
        + "on average")
  }

  private func refinerArchitecture(latentScale: Double?) -> RefinerArchitecture? {
    guard let refiner = configuration.refiner else { return nil }
    var autoencoder = configuration.autoencoder?.architecture
    if let latentScale { autoencoder?.latentScale = latentScale }
    return RefinerArchitecture(
      autoencoder: autoencoder, denoiser: refiner.denoiser, blending: refiner.blending,
      imageRange: refiner.imageRange, heightRange: refiner.heightRange)
  }
}

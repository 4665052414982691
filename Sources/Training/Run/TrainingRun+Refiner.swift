import DepthModels
import Foundation
import Scenes
import Tensors

/// Training of the refiner, on the coarse maps and latents of the other networks.
extension TrainingRun {
  /// Trains the refiner, after computing its coarse maps and latents.
  ///
  /// - Throws: `SceneError` naming a network that must be trained first, or that was trained further since the refiner
  ///   started.
  public func refiner() async throws {
    let task = try await refinerTask()
    onProgress(.coarseLoss(try await task.coarseLoss()))
    try await train(task)
  }

  /// Prepares the refiner's training data.
  package func refinerTask() async throws -> RefinerTask {
    guard let refiner = configuration.refiner else {
      throw SceneError(.usage, "the configuration has no refiner")
    }
    var inputs: [String: String] = [:]
    for which in folds.map(Coarse.without) + [.all] {
      inputs[which.folder] = try Safetensors(reading: coarseWeights(which)).sha256
    }
    let autoencoder = try await encoder()
    if let autoencoder {
      inputs[AutoencoderTask.folder] = try Safetensors(reading: autoencoder.path).sha256
    }
    let derived = DerivedParts(folder: folder)
    try derived.requireUnchanged(RefinerTask.folder, of: inputs)

    let maps = try await coarseMaps(derived, inputs)
    try derived.invalidateIfChanged("latents", of: inputs)
    let store = LatentStore(
      folder: try TrainingFolder(folder).makeFolder("latents"), autoencoder: autoencoder?.network,
      latentScale: autoencoder?.scale ?? 1, reader: reader, maps: maps, refiner: refiner)
    let task = RefinerTask(
      training: refiner, flips: configuration.data.flips, tiles: try await tilesWithRelief(store),
      validation: tiles.validation, store: store, seed: configuration.seed,
      lpips: refiner.needsLPIPS ? lpips : nil)
    try derived.note(RefinerTask.folder, of: inputs)
    return task
  }

  /// Returns the weights of a coarse network, either trained or given.
  ///
  /// - Parameters:
  ///   - which: The coarse network.
  ///   - purpose: What the weights are needed for, as the start of an error message.
  /// - Returns: The path of the weights.
  /// - Throws: `SceneError` if the network is not completely trained.
  func coarseWeights(
    _ which: Coarse, _ purpose: String = "the refiner needs the maps"
  ) throws -> String {
    guard let optimization = configuration.coarse.optimization else {
      guard let start = configuration.coarse.start else {
        preconditionFailure("a coarse network that is not trained has initial weights")
      }
      return start.path
    }
    return try weights(
      of: which.folder, optimization, purpose,
      trainedBy: "`relief train coarse`" + (which == .all ? "" : " with --fold"))
  }

  /// Computes the coarse map of each tile; with folds, by the network that the tile's pair was held out from.
  private func coarseMaps(
    _ derived: DerivedParts, _ inputs: [String: String]
  ) async throws -> CoarseMaps {
    let maps = CoarseMaps(
      folder: folder + "/coarse-maps", architecture: configuration.coarse.architecture,
      reader: reader)
    try derived.invalidateIfChanged(
      "coarse-maps", of: inputs.filter { $0.key != AutoencoderTask.folder })
    _ = try TrainingFolder(folder).makeFolder("coarse-maps")
    for which in folds.map(Coarse.without) + [.all] {
      let seen: [TrainingTile] =
        switch which {
        case .all: (folds.isEmpty ? tiles.training.map(augmented) : []) + tiles.validation
        case .without(let fold): try tiles(in: fold, .held).map(augmented)
        }
      try await maps.make(seen, by: coarseWeights(which)) {
        onProgress(.estimating(network: which.folder, done: $0, total: seen.count))
      }
    }
    return maps
  }

  /// Encodes all tiles, and leaves out those without usable relief.
  private func tilesWithRelief(_ store: LatentStore) async throws -> [TrainingTile] {
    let turns = configuration.data.flips ? TileView.turns : [.identity]
    var usable: [TrainingTile] = []
    for (index, tile) in tiles.training.map(augmented).enumerated() {
      var hasRelief = true
      for turn in turns {
        try Task.checkCancellation()
        if try await store.latents(of: tile, turn) == nil { hasRelief = false }
      }
      if hasRelief { usable.append(tile) }
      onProgress(.encoding(done: index + 1, total: tiles.training.count))
    }
    guard !usable.isEmpty else {
      throw SceneError(
        .badData,
        "no coarse map has any relief: the coarse networks have learned nothing; "
          + "expected maps that vary (train them longer, or with another learning rate)")
    }
    let flat = Set(tiles.training.map(\.name)).subtracting(usable.map(\.name)).sorted()
    if !flat.isEmpty { onProgress(.leftOut(flat.map { "\($0): its coarse map is flat" })) }
    return usable
  }

  /// Returns a tile with its fixed augmentation: encoding it anew for each epoch would take longer than training on it.
  private func augmented(_ tile: TrainingTile) -> TrainingTile {
    var tile = tile
    tile.augmentation = FixedAugmentation(
      configuration.data, seed: configuration.seed, tile: tile.name)
    return tile
  }

  /// Returns the autoencoder as the refiner uses it; nil if there is none.
  func encoder() async throws -> (network: AutoencoderKL, scale: Double, path: String)? {
    guard let training = configuration.autoencoder else { return nil }
    guard let task = try autoencoderTask() else {
      guard let start = training.start else {
        preconditionFailure("an autoencoder that is not trained has initial weights")
      }
      let weights = Weights(try Safetensors(reading: start.path))
      let network = try AutoencoderKL(weights, training.architecture)
      return (network, training.architecture.latentScale, start.path)
    }
    let path = try weights(
      of: task.name, task.optimization, "the refiner needs the latents",
      trainedBy: "`relief train autoencoder`")
    let parameters = try Parameters("the autoencoder", from: Safetensors(reading: path)) {
      _ = try AutoencoderKL($0, training.architecture)
    }
    let network = try AutoencoderKL(Weights(parameters.untracked()), training.architecture)
    return (network, try await task.latentScale(parameters.untracked()), path)
  }
}

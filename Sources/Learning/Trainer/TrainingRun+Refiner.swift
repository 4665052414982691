import DepthModels
import Foundation
import Scenes
import Tensors

/// The refining network learns from what the others have come to: coarse maps, and latents.
extension TrainingRun {
  /// Trains the refining network, on coarse maps and latents that are made first.
  ///
  /// - Throws: `SceneError` naming a network that must be trained before, or that has learned more since this one began.
  public func refiner() async throws {
    let task = try await refinerTask()
    onProgress(.coarseLoss(try await task.coarseLoss()))
    try await train(task)
  }

  /// Makes what the refining network learns from.
  func refinerTask() async throws -> RefinerTask {
    guard let refiner = configuration.refiner else {
      throw SceneError(.usage, "the configuration has no refiner")
    }
    var makers: [String: String] = [:]
    for which in folds.map(Coarse.without) + [.all] {
      makers[which.folder] = try Safetensors(reading: coarseWeights(which)).sha256
    }
    let autoencoder = try await encoder()
    if let autoencoder {
      makers[AutoencoderTask.folder] = try Safetensors(reading: autoencoder.path).sha256
    }
    let derived = DerivedParts(folder: folder)
    try derived.requireUnchanged(RefinerTask.folder, of: makers)

    let maps = try await coarseMaps(derived, makers)
    try derived.renew("latents", of: makers)
    let store = LatentStore(
      folder: try TrainingFolder(folder).made("latents"), autoencoder: autoencoder?.network,
      latentScale: autoencoder?.scale ?? 1, reader: reader, maps: maps, refiner: refiner)
    let task = RefinerTask(
      training: refiner, flips: configuration.data.flips, tiles: try await withForm(store),
      validation: tiles.validation, store: store, seed: configuration.seed,
      lpips: refiner.needsLPIPS ? lpips : nil)
    try derived.note(RefinerTask.folder, of: makers)
    return task
  }

  /// Of a coarse network that is trained, or was there already.
  ///
  /// - Parameters:
  ///   - which: Of the coarse networks.
  ///   - purpose: What they are needed for, as the begin of a sentence.
  /// - Returns: The weights' path.
  /// - Throws: `SceneError` for a network that is not trained yet, or not to its end.
  func coarseWeights(
    _ which: Coarse, _ purpose: String = "the refiner learns from the maps"
  ) throws -> String {
    guard let optimization = configuration.coarse.optimization else {
      guard let start = configuration.coarse.start else {
        preconditionFailure("a coarse network that does not learn has weights")
      }
      return start.path
    }
    return try weights(
      of: which.folder, optimization, purpose,
      trainedBy: "`relief train coarse`" + (which == .all ? "" : " with --fold"))
  }

  /// Each tile as a coarse network sees it, where there are folds one that has not learned from it.
  private func coarseMaps(
    _ derived: DerivedParts, _ makers: [String: String]
  ) async throws -> CoarseMaps {
    let maps = CoarseMaps(
      folder: folder + "/coarse-maps", architecture: configuration.coarse.architecture,
      reader: reader)
    try derived.renew("coarse-maps", of: makers.filter { $0.key != AutoencoderTask.folder })
    _ = try TrainingFolder(folder).made("coarse-maps")
    for which in folds.map(Coarse.without) + [.all] {
      let seen: [TrainingTile] =
        switch which {
        case .all: (folds.isEmpty ? tiles.training.map(looked) : []) + tiles.validation
        case .without(let fold): try tiles(in: fold, .held).map(looked)
        }
      try await maps.make(seen, by: coarseWeights(which)) {
        onProgress(.seeing(network: which.folder, done: $0, total: seen.count))
      }
    }
    return maps
  }

  /// Encodes all tiles, and leaves out those without a form.
  private func withForm(_ store: LatentStore) async throws -> [TrainingTile] {
    let turns = configuration.data.flips ? TileView.turns : [.identity]
    var usable: [TrainingTile] = []
    for (index, tile) in tiles.training.map(looked).enumerated() {
      var hasForm = true
      for turn in turns {
        try Task.checkCancellation()
        if try await store.latents(of: tile, turn) == nil { hasForm = false }
      }
      if hasForm { usable.append(tile) }
      onProgress(.encoding(done: index + 1, total: tiles.training.count))
    }
    guard !usable.isEmpty else {
      throw SceneError(
        .badData, "no coarse map has any form: the coarse networks have learned nothing")
    }
    let formless = Set(tiles.training.map(\.name)).subtracting(usable.map(\.name)).sorted()
    if !formless.isEmpty { onProgress(.leftOut(formless.map { "\($0): its coarse map is flat" })) }
    return usable
  }

  /// A tile as the refiner always sees it: to encode it anew each time would take longer than to learn from it.
  private func looked(_ tile: TrainingTile) -> TrainingTile {
    var tile = tile
    tile.look = TileLook(configuration.data, seed: configuration.seed, tile: tile.name)
    return tile
  }

  /// The autoencoder as the refiner uses it; nil where there is none.
  func encoder() async throws -> (network: AutoencoderKL, scale: Double, path: String)? {
    guard let training = configuration.autoencoder else { return nil }
    guard let task = try autoencoderTask() else {
      guard let start = training.start else {
        preconditionFailure("an autoencoder that does not learn has weights")
      }
      let weights = Weights(try Safetensors(reading: start.path))
      let network = try AutoencoderKL(weights, training.architecture)
      return (network, training.architecture.latentScale, start.path)
    }
    let path = try weights(
      of: task.name, task.optimization, "the refiner learns in the latents",
      trainedBy: "`relief train autoencoder`")
    let parameters = try Parameters("the autoencoder", from: Safetensors(reading: path)) {
      _ = try AutoencoderKL($0, training.architecture)
    }
    let network = try AutoencoderKL(Weights(parameters.untracked()), training.architecture)
    return (network, try await task.latentScale(parameters.untracked()), path)
  }
}

public import DepthModels
import Foundation
import Grids
import Scenes
import Tensors

/// A training in a folder: its networks one after the other, from pairs to a bundle.
///
/// The folder has one for each network (`coarse-1` … for the folds, `coarse`, `autoencoder`, `refiner`), the coarse maps and
/// latents that the refiner learns from, the page `index.html`, and in the end the bundle. The same command on the same folder goes
/// on; each network's folder is locked for itself. Coarse maps and latents that are there are taken as they are.
public struct TrainingRun: Sendable {
  public let configuration: TrainingConfiguration
  public let folder: String
  private let tiles: TrainingTiles
  private let reader: PairReader
  private let onProgress: @Sendable (Progress) -> Void

  /// What a run is doing.
  public enum Progress: Sendable {
    /// The share of the pairs that were looked at.
    case looking(Double)
    /// Tiles that training leaves out, and why.
    case leftOut([String])
    case training(TrainingProgress)
    /// Coarse maps for the refiner: how many are made by a network, of how many.
    case seeing(network: String, done: Int, total: Int)
    /// Latents for the refiner.
    case encoding(done: Int, total: Int)
    /// Tiles for a training elsewhere.
    case writing(done: Int, total: Int)
  }

  /// One of the coarse networks.
  public enum Coarse: Hashable, Sendable {
    /// Learns from all pairs, and goes into the bundle.
    case all
    /// Learns from all folds but this one, from 1.
    case without(fold: Int)

    var folder: String {
      switch self {
      case .all: "coarse"
      case .without(let fold): "coarse-\(fold)"
      }
    }
  }

  /// Opens a run, or begins one: reads the configuration, refuses what may not be seen, and looks at all pairs.
  ///
  /// - Parameters:
  ///   - path: The configuration.
  ///   - folder: Is made if need be.
  ///   - onProgress: Is told what is done.
  /// - Throws: `ModelError` for a configuration that can't be meant; `SceneError` where the folder is of another one, a pair is
  ///   excluded, a split is empty, or a pair can't be used.
  public init(
    configuration path: String, folder: String, onProgress: @escaping @Sendable (Progress) -> Void
  ) async throws {
    let configuration = try TrainingConfiguration(reading: path)
    let place = PairList.folder(of: path)
    let data = configuration.data
    var list = try PairList(
      reading: PairList.resolved(data.pairs, in: place),
      splitFiles: (data.splitFiles ?? []).map { PairList.resolved($0, in: place) })
    if let share = data.validationShare {
      list = try list.drawingValidation(share, seed: configuration.seed)
    }
    if let exclusions = data.exclusions {
      try ExclusionList(reading: PairList.resolved(exclusions, in: place))
        .refuse(list.pairs.filter { $0.split != .test })
    }
    try TrainingFolder(folder).check(configuration, list)
    self.configuration = configuration.resolved(in: place)
    self.folder = folder
    self.onProgress = onProgress
    reader = PairReader(list.pairs, data, stretch: configuration.card.stretch)
    tiles = try await TrainingTiles(
      list.pairs, data, side: configuration.card.tileSize, reader: reader
    ) {
      onProgress(.looking($0))
    }
    if !tiles.leftOut.isEmpty { onProgress(.leftOut(tiles.leftOut)) }
    try TrainingFolder(folder).begin(configuration, list)
  }

  /// The folders of all networks that the configuration asks for, in the order in which they are trained.
  private var networks: [String] {
    guard configuration.refiner != nil else { return [Coarse.all.folder] }
    return folds.map { Coarse.without(fold: $0).folder } + [Coarse.all.folder]
      + (configuration.autoencoder?.optimization == nil ? [] : ["autoencoder"]) + ["refiner"]
  }

  private var folds: ClosedRange<Int> { 1...configuration.crossFitting.count }

  private func fitting() throws -> CrossFitting {
    let pairs = tiles.training.map(\.pair).uniqued.map { tiles.pairs[$0] }
    return try CrossFitting(
      pairs, folds: configuration.crossFitting.count, by: configuration.crossFitting.unit,
      seed: configuration.seed)
  }

  /// The training tiles of pairs that a fold holds, or that all others do.
  private func tiles(in fold: Int, _ isSeen: Bool) throws -> [TrainingTile] {
    let fitting = try fitting()
    let pairs = tiles.training.map(\.pair).uniqued
    let wanted = Set(
      (isSeen ? fitting.seen(by: fold) : fitting.predicted(by: fold)).map { pairs[$0] })
    return tiles.training.filter { wanted.contains($0.pair) }
  }

  // MARK: Networks

  /// Trains everything that is not trained yet, and makes the bundle.
  ///
  /// - Returns: The bundle.
  public func all() async throws -> ModelBundle {
    if configuration.refiner != nil {
      for fold in folds { try await coarse(.without(fold: fold)) }
    }
    try await coarse(.all)
    if configuration.refiner != nil {
      if configuration.autoencoder?.optimization != nil { try await autoencoder() }
      try await refiner()
    }
    return try await bundle()
  }

  /// Trains one of the coarse networks.
  public func coarse(_ which: Coarse) async throws {
    if case .without(let fold) = which, !folds.contains(fold) {
      throw SceneError(.usage, "fold \(fold), expected 1 to \(folds.upperBound)")
    }
    try await train(try coarseTask(which), in: which.folder)
  }

  /// Trains the autoencoder.
  public func autoencoder() async throws {
    guard let task = try autoencoderTask() else {
      throw SceneError(
        .usage,
        "the configuration has no autoencoder to train, but none or one that is taken as it is")
    }
    try await train(task, in: task.name)
  }

  /// Trains the refining network, on coarse maps and latents that are made first.
  ///
  /// - Throws: `SceneError` naming a network that must be trained before.
  public func refiner() async throws {
    guard let refiner = configuration.refiner else {
      throw SceneError(.usage, "the configuration has no refiner")
    }
    let maps = CoarseMaps(
      folder: try TrainingFolder(folder).made("coarse-maps"),
      architecture: configuration.coarse.architecture, reader: reader)
    for fold in folds {
      let which = Coarse.without(fold: fold)
      try await make(maps, of: try tiles(in: fold, false), by: which)
    }
    try await make(maps, of: tiles.validation, by: .all)

    let autoencoder = try await encoder()
    let store = LatentStore(
      folder: try TrainingFolder(folder).made("latents"), autoencoder: autoencoder?.network,
      latentScale: autoencoder?.scale ?? 1, reader: reader, maps: maps,
      refiner: refiner)
    let usable = try await withForm(store)
    try await train(
      RefinerTask(
        training: refiner, flips: configuration.data.flips, tiles: usable,
        validation: tiles.validation, store: store, seed: configuration.seed), in: "refiner")
  }

  private func make(_ maps: CoarseMaps, of tiles: [TrainingTile], by which: Coarse) async throws {
    let weights = Trainer.weights(in: folder + "/" + which.folder)
    guard FileManager.default.fileExists(atPath: weights) else {
      throw SceneError(
        .badData,
        "the refiner learns from the maps of \(which.folder), which is not trained yet: "
          + "`relief train coarse` does it" + (which == .all ? "" : ", with --fold"))
    }
    try await maps.make(tiles, by: weights) {
      onProgress(.seeing(network: which.folder, done: $0, total: tiles.count))
    }
  }

  /// Encodes all tiles, and leaves out those without a form.
  private func withForm(_ store: LatentStore) async throws -> [TrainingTile] {
    let turns = configuration.data.flips ? TileView.turns : [.identity]
    var usable: [TrainingTile] = []
    for (index, tile) in tiles.training.enumerated() {
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

  /// Writes all tiles, for a training elsewhere: `Examples/train-gpu`.
  ///
  /// In `tiles` of the folder, a file for each with `image` `[row, column, 3]` of 0…255 and `heights` `[row, column]` in metres,
  /// NaN where either has nothing, with a margin as wide as tiles may be moved; `tiles.json` lists them.
  ///
  /// - Returns: The list.
  public func writeTiles() async throws -> String {
    let folder = try TrainingFolder(folder).made("tiles")
    let margin = configuration.data.shift
    var foldOfPair: [Int: Int] = [:]
    if configuration.refiner != nil {
      let fitting = try fitting()
      for (place, pair) in tiles.training.map(\.pair).uniqued.enumerated() {
        foldOfPair[pair] = fitting.folds[place]
      }
    }
    let all = tiles.training + tiles.validation
    var entries: [TileEntry] = []
    for (index, tile) in all.enumerated() {
      try Task.checkCancellation()
      let file = tile.name.asFileName + ".safetensors"
      if !FileManager.default.fileExists(atPath: folder + "/" + file) {
        let known = try await reader.known(in: tile.window.widened(by: margin), of: tile.pair)
        let (_, rows, columns, _) = known.image.shape.image
        try Safetensors.write(
          [
            .init("image", known.image.reshaped([rows, columns, 3])),
            .init("heights", Tensor([rows, columns], known.heights)),
          ], to: folder + "/" + file)
      }
      entries.append(
        TileEntry(
          name: tile.name, file: file,
          fold: index < tiles.training.count ? foldOfPair[tile.pair] : nil))
      onProgress(.writing(done: index + 1, total: all.count))
    }
    let list = TileList(
      margin: margin, training: Array(entries.prefix(tiles.training.count)),
      validation: Array(entries.dropFirst(tiles.training.count)))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try encoder.encode(list).writeWhole(to: folder + "/tiles.json")
    return folder + "/tiles.json"
  }

  private struct TileList: Encodable {
    let margin: Int
    let training: [TileEntry]
    let validation: [TileEntry]
  }

  private struct TileEntry: Encodable {
    let name: String
    let file: String
    /// Nil for those that no fold holds.
    let fold: Int?
  }

  private func train(_ task: some TrainingTask, in name: String) async throws {
    let own = try TrainingFolder(folder).made(name)
    let lock = try FolderLock(own)
    let page = TrainingPage(folder: folder, networks: networks)
    try await Trainer(
      task: task, folder: own, seed: configuration.seed, onProgress: { onProgress(.training($0)) },
      onEpoch: { try page.write() }
    ).run()
    withExtendedLifetime(lock) {}
  }

  private func coarseTask(_ which: Coarse) throws -> CoarseTask {
    let seen: [TrainingTile] =
      switch which {
      case .all: tiles.training
      case .without(let fold): try tiles(in: fold, true)
      }
    return CoarseTask(
      name: which.folder, training: configuration.coarse, data: configuration.data, tiles: seen,
      validation: tiles.validation, reader: reader,
      lpips: configuration.coarse.losses.lpips > 0 ? try LPIPS.located() : nil,
      seed: configuration.seed)
  }

  private func autoencoderTask() throws -> AutoencoderTask? {
    guard let training = configuration.autoencoder, let optimization = training.optimization,
      let refiner = configuration.refiner
    else { return nil }
    return AutoencoderTask(
      training: training, optimization: optimization, imageRange: refiner.imageRange,
      data: configuration.data, tiles: tiles.training, validation: tiles.validation, reader: reader,
      lpips: training.losses.lpips > 0 ? try LPIPS.located() : nil, seed: configuration.seed)
  }

  // MARK: The bundle

  /// The autoencoder as the refiner uses it; nil where there is none.
  private func encoder() async throws -> (network: AutoencoderKL, scale: Double, path: String)? {
    guard let training = configuration.autoencoder else { return nil }
    guard let task = try autoencoderTask() else {
      guard let start = training.start else {
        preconditionFailure("an autoencoder that does not learn has weights")
      }
      let weights = Weights(try Safetensors(reading: start.path))
      let network = try AutoencoderKL(weights, training.architecture)
      return (network, training.architecture.latentScale, start.path)
    }
    let path = Trainer.weights(in: folder + "/" + task.name)
    guard FileManager.default.fileExists(atPath: path) else {
      throw SceneError(
        .badData,
        "the refiner learns in the autoencoder's latents, which is not trained yet: "
          + "`relief train autoencoder` does it")
    }
    let parameters = try Parameters("the autoencoder", from: Safetensors(reading: path)) {
      _ = try AutoencoderKL($0, training.architecture)
    }
    let network = try AutoencoderKL(Weights(parameters.untracked()), training.architecture)
    return (network, try await task.latentScale(parameters.untracked()), path)
  }

  /// Makes the bundle of the trained networks, if it is not there yet.
  private func bundle() async throws -> ModelBundle {
    let directory = folder + "/bundle"
    if FileManager.default.fileExists(atPath: directory) {
      return try ModelBundle(directory: directory)
    }
    let coarsePath = Trainer.weights(in: folder + "/" + Coarse.all.folder)
    let task = try coarseTask(.all)
    var coarse = configuration.coarse.architecture
    let parameters = try Parameters("the coarse network", from: Safetensors(reading: coarsePath)) {
      _ = try DPT($0, coarse)
    }
    coarse.output = try await task.output(parameters.untracked())
    var networks: [Manifest.Stage: String] = [.coarse: coarsePath]
    var architecture: RefinerArchitecture?
    if let refiner = configuration.refiner {
      let encoder = try await encoder()
      networks[.vae] = encoder?.path
      networks[.unet] = Trainer.weights(in: folder + "/refiner")
      var autoencoder = configuration.autoencoder?.architecture
      if let encoder { autoencoder?.latentScale = encoder.scale }
      architecture = RefinerArchitecture(
        autoencoder: autoencoder, denoiser: refiner.denoiser, blending: refiner.blending,
        imageRange: refiner.imageRange, heightRange: refiner.heightRange)
    }
    return try ModelBundle.writing(
      networks, card: configuration.card, coarse: coarse, refiner: architecture, to: directory)
  }
}

extension [Int] {
  /// Each once, in order of first appearance.
  fileprivate var uniqued: [Int] {
    var seen: Set<Int> = []
    return filter { seen.insert($0).inserted }
  }
}

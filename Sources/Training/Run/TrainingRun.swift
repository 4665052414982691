import Pairs
public import DepthModels
import Foundation
import Grids
import Scenes
import Tensors

/// A training run in a folder: trains all networks in sequence, from pairs to a model bundle.
///
/// The folder contains a subfolder for each network (`coarse-1` … for the folds, `coarse`, `autoencoder`, `refiner`),
/// the coarse maps and latents that the refiner is trained on, the page `index.html`, and finally the bundle. The same
/// command on the same folder resumes the run; each network's folder is locked separately. Derived parts are made again
/// after their networks were trained further.
public struct TrainingRun: Sendable {
  /// The configuration, with the paths of initial weights resolved.
  public let configuration: TrainingConfiguration
  /// The path of the run's folder.
  public let folder: String
  private let samplesAtOnce: Int
  /// Nil unless a loss needs it.
  let lpips: LPIPS?
  let tiles: TrainingTiles
  let reader: PairReader
  let onProgress: @Sendable (Progress) -> Void

  /// The progress of a run.
  public enum Progress: Sendable {
    /// The share of the pairs that were scanned for tiles, 0…1.
    case looking(Double)
    /// The number of usable tiles.
    case found(training: Int, validation: Int)
    /// Tiles that are left out, each with the reason.
    case leftOut([String])
    /// A network is being trained.
    case training(TrainingProgress)
    /// A network is completely trained: its best epoch, the number of epochs, and the validation loss of the best
    /// epoch.
    case trained(network: String, bestEpoch: Int, epochs: Int, validationLoss: Double)
    /// Coarse maps for the refiner are being computed by a network.
    case estimating(network: String, done: Int, total: Int)
    /// Latents for the refiner are being computed.
    case encoding(done: Int, total: Int)
    /// The refiner's loss for the unrefined coarse maps of the validation tiles.
    case coarseLoss(Double)
    /// Tiles are being exported.
    case writing(done: Int, total: Int)
  }

  /// One of the coarse networks.
  public enum Coarse: Hashable, Sendable {
    /// Trained on all training pairs, and part of the bundle.
    case all
    /// Trained on all folds but one, counting from 1.
    case without(fold: Int)

    var folder: String {
      switch self {
      case .all: "coarse"
      case .without(let fold): "coarse-\(fold)"
      }
    }
  }

  /// Starts or resumes a run: reads the configuration, checks the exclusions, and scans all pairs for tiles.
  ///
  /// - Parameters:
  ///   - path: The path of the configuration.
  ///   - folder: The path of the run's folder, which is created if it does not exist.
  ///   - samplesAtOnce: The number of samples of a batch that are processed concurrently, each with its share of the
  ///     threads. More samples keep threads busier, and need more memory. The results do not depend on it.
  ///   - onProgress: Called with the run's progress.
  /// - Returns: The run.
  /// - Throws: `ModelError` for an invalid configuration; `SceneError` if the folder belongs to another configuration,
  ///   a pair is excluded, a split is empty, or a pair cannot be used; `ModelError` of kind `.missingResource` if a
  ///   loss needs LPIPS and its weights are not found.
  public static func prepare(
    configuration path: String, folder: String, samplesAtOnce: Int = 2,
    onProgress: @escaping @Sendable (Progress) -> Void
  ) async throws -> TrainingRun {
    precondition(samplesAtOnce > 0, "\(samplesAtOnce) samples at once")
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
    let needsLPIPS =
      configuration.coarse.losses.lpips > 0 || configuration.autoencoder?.losses.lpips ?? 0 > 0
      || configuration.refiner?.needsLPIPS ?? false
    let lpips = needsLPIPS ? try LPIPS.located() : nil
    let reader = PairReader(list.pairs, data, card: configuration.card)
    let tiles = try await TrainingTiles.scan(
      list.pairs, data, side: configuration.card.tileSize, reader: reader
    ) {
      onProgress(.looking($0))
    }
    onProgress(.found(training: tiles.training.count, validation: tiles.validation.count))
    if !tiles.leftOut.isEmpty { onProgress(.leftOut(tiles.leftOut)) }
    try TrainingFolder(folder).begin(configuration, list)
    return TrainingRun(
      configuration: configuration.resolved(in: place), folder: folder,
      samplesAtOnce: samplesAtOnce, lpips: lpips, tiles: tiles, reader: reader,
      onProgress: onProgress)
  }

  /// The folder names of all networks that the configuration trains, in training order.
  private var networks: [String] {
    let coarse = configuration.coarse.optimization == nil ? [] : [Coarse.all.folder]
    guard configuration.refiner != nil else { return coarse }
    return folds.map { Coarse.without(fold: $0).folder } + coarse
      + (configuration.autoencoder?.optimization == nil ? [] : [AutoencoderTask.folder])
      + [RefinerTask.folder]
  }

  private var page: TrainingPage { TrainingPage(folder: folder, networks: networks) }

  /// The folds, counting from 1; empty without cross-fitting.
  var folds: Range<Int> { 1..<1 + (configuration.crossFitting?.count ?? 0) }

  /// Trains all networks that are not trained yet, and makes the bundle.
  ///
  /// - Returns: The bundle.
  /// - Throws: `SceneError` or `ModelError` if training fails; `CancellationError` when canceled.
  public func all() async throws -> ModelBundle {
    if configuration.refiner != nil {
      for fold in folds { try await coarse(.without(fold: fold)) }
    }
    if configuration.coarse.optimization != nil { try await coarse(.all) }
    if configuration.refiner != nil {
      if configuration.autoencoder?.optimization != nil { try await autoencoder() }
      try await refiner()
    }
    let bundle = try await bundle()
    try page.write(isOver: true)
    return bundle
  }

  /// Trains one of the coarse networks, or resumes its training.
  ///
  /// - Throws: `SceneError` if there is no such fold, or if the configuration does not train the coarse network.
  public func coarse(_ which: Coarse) async throws {
    if case .without(let fold) = which, !folds.contains(fold) {
      throw SceneError(
        .usage,
        "fold \(fold) does not exist: "
          + (folds.isEmpty
            ? "the configuration has no crossFitting" : "expected 1 to \(folds.count)"))
    }
    guard let task = try coarseTask(which) else {
      throw SceneError(
        .usage,
        "the configuration does not train the coarse network but uses given weights; expected coarse.optimization"
      )
    }
    try await train(task)
  }

  /// Trains the autoencoder, or resumes its training.
  ///
  /// - Throws: `SceneError` if the configuration does not train an autoencoder.
  public func autoencoder() async throws {
    guard let task = try autoencoderTask() else {
      throw SceneError(
        .usage,
        "the configuration does not train an autoencoder but has none or uses given weights; "
          + "expected autoencoder.optimization and a refiner")
    }
    try await train(task)
  }

  func train(_ task: some TrainingTask) async throws {
    let own = try TrainingFolder(folder).makeFolder(task.name)
    let lock = try FolderLock(own)
    let page = page
    try await Trainer(
      task: task, folder: own, seed: configuration.seed, samplesAtOnce: samplesAtOnce,
      onProgress: { onProgress(.training($0)) }, onEpoch: { try page.write(isOver: false) }
    ).run()
    withExtendedLifetime(lock) {}
    let epochs = TrainedEpoch.reading(own + "/epochs.csv")
    if let best = epochs.last(where: \.isBest) {
      onProgress(
        .trained(
          network: task.name, bestEpoch: best.number, epochs: epochs.count,
          validationLoss: best.validationLoss))
    }
  }

  /// Nil if the network is given.
  private func coarseTask(_ which: Coarse) throws -> CoarseTask? {
    guard let optimization = configuration.coarse.optimization else { return nil }
    let seen: [TrainingTile] =
      switch which {
      case .all: tiles.training
      case .without(let fold): try tiles(in: fold, .seen)
      }
    return CoarseTask(
      name: which.folder, training: configuration.coarse, optimization: optimization,
      samples: samples(of: seen),
      validation: tiles.validation,
      lpips: configuration.coarse.losses.lpips > 0 ? lpips : nil)
  }

  /// Nil if there is no autoencoder or it is given.
  func autoencoderTask() throws -> AutoencoderTask? {
    guard let training = configuration.autoencoder, let optimization = training.optimization,
      let refiner = configuration.refiner
    else { return nil }
    return AutoencoderTask(
      training: training, optimization: optimization, imageRange: refiner.imageRange,
      samples: samples(of: tiles.training), validation: tiles.validation,
      lpips: training.losses.lpips > 0 ? lpips : nil)
  }

  private func samples(of tiles: [TrainingTile]) -> SampleDraw {
    SampleDraw(tiles: tiles, data: configuration.data, reader: reader, seed: configuration.seed)
  }

  /// Returns the best weights of a network.
  ///
  /// - Parameters:
  ///   - network: The name of its folder.
  ///   - optimization: The settings of its training.
  ///   - purpose: What the weights are needed for, as the start of an error message.
  ///   - command: The command that trains the network.
  /// - Returns: The path of the weights.
  /// - Throws: `SceneError` if the network is not completely trained.
  func weights(
    of network: String, _ optimization: Optimization, _ purpose: String, trainedBy command: String
  ) throws -> String {
    let own = folder + "/" + network
    let checkpoint = Trainer.checkpoint(in: own)
    var lack: String?
    if !FileManager.default.fileExists(atPath: checkpoint) {
      lack = "is not trained yet"
    } else {
      let done = try TrainingState.progress(of: Safetensors(reading: checkpoint)).epoch
      if done < optimization.epochs {
        lack = "is trained for \(done) of \(optimization.epochs) epochs"
      }
    }
    if let lack {
      throw SceneError(.badData, "\(purpose) of \(network), which \(lack): run \(command)")
    }
    return Trainer.weights(in: own)
  }
}

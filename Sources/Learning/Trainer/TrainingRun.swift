public import DepthModels
import Foundation
import Grids
import Scenes
import Tensors

/// A training in a folder: its networks one after the other, from pairs to a bundle.
///
/// The folder has one for each network (`coarse-1` … for the folds, `coarse`, `autoencoder`, `refiner`), the coarse maps and
/// latents that the refiner learns from, the page `index.html`, and in the end the bundle. The same command on the same folder goes
/// on; each network's folder is locked for itself. What is made of networks is made anew once they have learned more.
public struct TrainingRun: Sendable {
  public let configuration: TrainingConfiguration
  public let folder: String
  private let samplesAtOnce: Int
  /// Where a loss needs it.
  let lpips: LPIPS?
  let tiles: TrainingTiles
  let reader: PairReader
  let onProgress: @Sendable (Progress) -> Void

  /// What a run is doing.
  public enum Progress: Sendable {
    /// The share of the pairs that were looked at.
    case looking(Double)
    /// How many tiles there are.
    case found(training: Int, validation: Int)
    /// Tiles that training leaves out, and why.
    case leftOut([String])
    case training(TrainingProgress)
    /// A network is trained, now or before: after which epoch it was best, of how many, and its validation's loss then.
    case trained(network: String, bestEpoch: Int, epochs: Int, validationLoss: Double)
    /// Coarse maps for the refiner: how many are made by a network, of how many.
    case seeing(network: String, done: Int, total: Int)
    /// Latents for the refiner.
    case encoding(done: Int, total: Int)
    /// What the coarse maps of the validation's tiles cost as they are.
    case coarseLoss(Double)
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
  ///   - samplesAtOnce: Samples of a batch that are learned from side by side, each on its part of the threads: more keep
  ///     threads busier, and take memory each. The bits do not hang on it.
  ///   - onProgress: Is told what is done.
  /// - Throws: `ModelError` for a configuration that can't be meant; `SceneError` where the folder is of another one, a pair is
  ///   excluded, a split is empty, or a pair can't be used; `ModelError` of kind `.missingResource` where a loss needs LPIPS and
  ///   its weights are not to be found.
  public init(
    configuration path: String, folder: String, samplesAtOnce: Int = 2,
    onProgress: @escaping @Sendable (Progress) -> Void
  ) async throws {
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
    self.configuration = configuration.resolved(in: place)
    self.folder = folder
    self.samplesAtOnce = samplesAtOnce
    let needsLPIPS =
      configuration.coarse.losses.lpips > 0 || configuration.autoencoder?.losses.lpips ?? 0 > 0
      || configuration.refiner?.needsLPIPS ?? false
    lpips = needsLPIPS ? try LPIPS.located() : nil
    self.onProgress = onProgress
    reader = PairReader(list.pairs, data, card: configuration.card)
    tiles = try await TrainingTiles(
      list.pairs, data, side: configuration.card.tileSize, reader: reader
    ) {
      onProgress(.looking($0))
    }
    onProgress(.found(training: tiles.training.count, validation: tiles.validation.count))
    if !tiles.leftOut.isEmpty { onProgress(.leftOut(tiles.leftOut)) }
    try TrainingFolder(folder).begin(configuration, list)
  }

  /// The folders of all networks that the configuration asks for, in the order in which they are trained.
  private var networks: [String] {
    let coarse = configuration.coarse.optimization == nil ? [] : [Coarse.all.folder]
    guard configuration.refiner != nil else { return coarse }
    return folds.map { Coarse.without(fold: $0).folder } + coarse
      + (configuration.autoencoder?.optimization == nil ? [] : [AutoencoderTask.folder])
      + [RefinerTask.folder]
  }

  private var page: TrainingPage { TrainingPage(folder: folder, networks: networks) }

  /// Numbered from 1; none where nothing is fitted crosswise.
  var folds: Range<Int> { 1..<1 + (configuration.crossFitting?.count ?? 0) }

  /// Trains everything that is not trained yet, and makes the bundle.
  ///
  /// - Returns: The bundle.
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

  /// Trains one of the coarse networks.
  public func coarse(_ which: Coarse) async throws {
    if case .without(let fold) = which, !folds.contains(fold) {
      throw SceneError(
        .usage,
        "fold \(fold), "
          + (folds.isEmpty
            ? "where the configuration has no crossFitting" : "expected 1 to \(folds.count)"))
    }
    guard let task = try coarseTask(which) else {
      throw SceneError(
        .usage, "the configuration has no coarse network to train, but one that is taken as it is")
    }
    try await train(task)
  }

  /// Trains the autoencoder.
  public func autoencoder() async throws {
    guard let task = try autoencoderTask() else {
      throw SceneError(
        .usage,
        "the configuration has no autoencoder to train, but none or one that is taken as it is")
    }
    try await train(task)
  }

  func train(_ task: some TrainingTask) async throws {
    let own = try TrainingFolder(folder).made(task.name)
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

  /// Nil where it is taken as it is.
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

  /// Nil where there is none, or one that is taken as it is.
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

  /// The weights that a network has come to.
  ///
  /// - Parameters:
  ///   - network: Its folder.
  ///   - optimization: How it is trained.
  ///   - purpose: What they are needed for, as the begin of a sentence.
  ///   - command: That trains it.
  /// - Returns: Their path.
  /// - Throws: `SceneError` if it is not trained yet, or not to its end.
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
      throw SceneError(.badData, "\(purpose) of \(network), which \(lack): \(command) does it")
    }
    return Trainer.weights(in: own)
  }
}

import DepthModels
import Grids
public import Foundation
public import Training
import Synchronization
import Tensors
public import TestSupport

/// A training that is small enough for a test: five parts of the sample scene, and networks of a few thousand
/// parameters.
public struct TrainingFixture: Sendable {
  /// The folder of the configuration and the run.
  public let folder: TemporaryFolder
  /// The configuration, which tests may change.
  public var configuration: TrainingConfiguration

  /// The path of the package.
  public static let root = URL(filePath: #filePath).appending(path: "../../..").standardizedFileURL
    .path

  /// Creates a temporary folder with the list of pairs, and the configuration.
  public init() throws {
    folder = try TemporaryFolder()
    configuration = TrainingPreset.small.configuration
    configuration.data.pairs = "pairs.csv"
    configuration.data.overlap = 0
    configuration.data.shift = 8
    configuration.data.leastRelief = 0
    configuration.card.tileSize = 64
    configuration.card.overlap = 16
    configuration.coarse.architecture = CoarseArchitecture(
      backbone: .plain(.init(patch: 16)), width: 32, depth: 4, heads: 1, hidden: 64,
      layerNormEpsilon: 1e-6, hooks: [0, 1, 2, 3], positionGrid: 4, neck: [16, 16, 32, 32],
      fusion: 16, head: [8, 8], normalization: .half)
    configuration.autoencoder?.architecture = AutoencoderArchitecture(
      latentChannels: 4, widths: [8, 8, 16], blocksPerLevel: 1, attendsCoarsestLevel: false,
      groups: 4, latentScale: 1)
    configuration.autoencoder?.losses.lpips = 0
    configuration.refiner?.denoiser = DenoiserArchitecture(
      inputs: 8, outputs: 4, width: 16, multipliers: [1, 2], blocksPerLevel: 1, heads: 2,
      attentionReductions: [2], groups: 8)
    configuration.refiner?.ownEstimates = 0.5
    configuration.refiner?.decoded = .init(gradientMatching: 0.1, slopes: 1, side: 48)
    set { optimization in
      (optimization.epochs, optimization.batch, optimization.learningRate) = (2, 2, 1e-3)
      optimization.schedule = .constant
    }
    try write(Self.list())
    let part = Window(column: 390, row: 590, width: 412, height: 84)
    let sample = Self.root + "/SampleData/ridges_"
    try writePart(part, of: sample + "rgbn.tif", bands: [1, 2, 3, 4], to: folder("scene.tif"))
    try writePart(part, of: sample + "dem.tif", bands: [1], to: folder("dem.tif"))
  }

  /// Changes the optimization of all networks.
  public mutating func set(_ change: (inout Optimization) -> Void) {
    if var optimization = configuration.coarse.optimization {
      change(&optimization)
      configuration.coarse.optimization = optimization
    }
    if var optimization = configuration.autoencoder?.optimization {
      change(&optimization)
      configuration.autoencoder?.optimization = optimization
    }
    if var optimization = configuration.refiner?.optimization {
      change(&optimization)
      configuration.refiner?.optimization = optimization
    }
  }

  /// Returns a list of pairs with four parts for training and one for validation; each part has two tiles.
  public static func list(validating split: String = "validation") -> String {
    let rows = (0..<5).map { part in
      "part \(part),scene.tif,dem.tif,\(part < 4 ? "train" : split),\(10 + 80 * part);10;72;64"
    }
    return (["name,image,dem,split,window"] + rows).joined(separator: "\n") + "\n"
  }

  /// Writes the list of pairs.
  public func write(_ list: String) throws {
    try Data(list.utf8).write(to: URL(filePath: folder("pairs.csv")))
  }

  /// Returns a run whose configuration is written to a file.
  public func run(
    in name: String = "run", samplesAtOnce: Int = 2,
    onProgress: @escaping @Sendable (TrainingRun.Progress) -> Void = { _ in }
  ) async throws -> TrainingRun {
    try await TrainingRun.prepare(
      configuration: writeConfiguration(), folder: folder(name), samplesAtOnce: samplesAtOnce,
      onProgress: onProgress)
  }

  /// Writes the configuration and returns its path.
  public func writeConfiguration() throws -> String {
    try configuration.json.write(to: URL(filePath: folder("training.json")))
    return folder("training.json")
  }

  /// Returns the bytes of a network's best weights in a run.
  public func weights(_ network: String, in name: String = "run") throws -> Data {
    try Data(contentsOf: URL(filePath: folder("\(name)/\(network)/best.safetensors")))
  }
}

/// A counter that reports when a given number of training steps has run.
public final class StepCounter: Sendable {
  private let left: Mutex<Int>

  /// Creates a counter of `count` steps.
  public init(_ count: Int) { left = Mutex(count) }

  /// Counts a step, and returns whether it was the last one.
  public func count(_ progress: TrainingRun.Progress) -> Bool {
    guard case .training = progress else { return false }
    return left.withLock {
      $0 -= 1
      return $0 == 0
    }
  }
}

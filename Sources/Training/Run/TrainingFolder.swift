import Pairs
import DepthModels
import Files
import Foundation
import Scenes

/// The folder of a run, with the configuration and the list of pairs that the run was started with.
struct TrainingFolder {
  let path: String

  init(_ path: String) { self.path = path }

  private var configurationPath: String { path + "/configuration.json" }
  private var listPath: String { path + "/pairs.csv" }

  /// Checks that the folder is new or was started with the same configuration and list.
  ///
  /// - Throws: `SceneError` naming what differs.
  func check(_ configuration: TrainingConfiguration, _ list: PairList) throws {
    guard FileManager.default.fileExists(atPath: configurationPath) else { return }
    let old = try TrainingConfiguration(reading: configurationPath)
    let differences = try Self.differences(old.decisive, configuration.decisive)
    guard differences.isEmpty else {
      throw SceneError(
        .usage,
        "\(path) was started with another configuration:\n  "
          + differences.joined(separator: "\n  ")
          + "\nUse another folder, or restore the old values."
          + (differences.contains { $0.contains("optimization.epochs") }
            ? " The rates of the cosine schedule depend on the number of epochs; those of other schedules do not."
            : ""))
    }
    guard try PairList(reading: listPath) == list else {
      throw SceneError(
        .usage,
        "\(path) was started with another list of pairs, which is in \(listPath): use another folder, or that list"
      )
    }
  }

  /// Creates the folder and stores the configuration and the list.
  func begin(_ configuration: TrainingConfiguration, _ list: PairList) throws {
    _ = try makeFolder("")
    try list.write(to: listPath, overwrite: true)
    try NewFile.write(configuration.json, to: configurationPath, isDurable: true)
  }

  /// Creates a subfolder unless it exists, and returns its path.
  func makeFolder(_ name: String) throws -> String {
    let folder = name.isEmpty ? path : path + "/" + name
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw SceneError(.cannotCreate, "\(FileError(.create, folder, from: error))")
    }
    return folder
  }

  /// Lists the differences of two configurations: each key with both values.
  static func differences(_ old: TrainingConfiguration, _ new: TrainingConfiguration) throws
    -> [String]
  {
    let (old, new) = (try leaves(old), try leaves(new))
    return Set(old.keys).union(new.keys).sorted().filter { old[$0] != new[$0] }.map {
      "\($0): \(old[$0] ?? "absent"), now \(new[$0] ?? "absent")"
    }
  }

  /// Returns each value by its key path.
  private static func leaves(_ configuration: TrainingConfiguration) throws -> [String: String] {
    var leaves: [String: String] = [:]
    func add(_ value: Any, _ path: String) {
      switch value {
      case let object as [String: Any]:
        for (key, value) in object { add(value, path.isEmpty ? key : path + "." + key) }
      case let array as [Any]:
        leaves[path] = "[" + array.map { "\($0)" }.joined(separator: ", ") + "]"
      default: leaves[path] = "\(value)"
      }
    }
    add(try JSONSerialization.jsonObject(with: configuration.json), "")
    return leaves
  }
}

extension TrainingConfiguration {
  /// The configuration without everything that may change during a run.
  ///
  /// Excluded are the number of epochs, unless the schedule depends on it; the checkpoint interval; the model card,
  /// except stretch, tile size and the sun's azimuth; and the data type of the bundle's weights.
  fileprivate var decisive: TrainingConfiguration {
    func fixed(_ optimization: Optimization) -> Optimization {
      var result = optimization
      result.checkpointSeconds = 0
      if case .cosine = optimization.schedule { return result }
      result.epochs = 0
      return result
    }
    var result = self
    result.card = ModelCard(
      name: "", summary: "", licence: "", gsdInMeters: 1...1,
      sunAzimuthInDegrees: card.sunAzimuthInDegrees, stretch: card.stretch, tileSize: card.tileSize,
      surface: "")
    result.storage = nil
    result.coarse.optimization = coarse.optimization.map(fixed)
    result.autoencoder?.optimization = autoencoder?.optimization.map(fixed)
    if let optimization = refiner?.optimization {
      result.refiner?.optimization = fixed(optimization)
    }
    return result
  }

  /// Resolves the paths of initial weights relative to a folder.
  func resolved(in folder: String) -> TrainingConfiguration {
    var result = self
    func resolve(_ start: inout StartWeights?) {
      start = start.map {
        StartWeights(path: PairList.resolved($0.path, in: folder), isPartial: $0.isPartial)
      }
    }
    resolve(&result.coarse.start)
    if var training = autoencoder {
      resolve(&training.start)
      result.autoencoder = training
    }
    if var training = refiner {
      resolve(&training.start)
      result.refiner = training
    }
    return result
  }
}

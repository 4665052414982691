import FoundationEssentials
import Tensors

/// A checkpoint given by a user: a file, or a Hugging Face folder.
struct CheckpointFolder {
  /// The path of `config.json`, or nil if a file was given.
  let config: String?
  let checkpoint: any CheckpointFile

  /// The file names of weights in a folder, in order of preference; an index of shards has the same name with a suffix.
  private static let names = [
    "model.safetensors", "diffusion_pytorch_model.safetensors", "pytorch_model.bin",
    "diffusion_pytorch_model.bin",
  ]

  /// Opens a file or a folder.
  ///
  /// - Throws: `ModelError` if a folder has no weights, or its index of shards does not match its files.
  init(_ path: String) throws(ModelError) {
    let files = FileManager.default
    var isFolder = false
    guard files.fileExists(atPath: path, isDirectory: &isFolder), isFolder else {
      config = nil
      checkpoint = try openCheckpoint(path)
      return
    }
    config = path + "/config.json"
    let places = Self.names.flatMap { ["\(path)/\($0)", "\(path)/\($0).index.json"] }
    guard let place = places.first(where: files.fileExists) else {
      throw ModelError(
        .noInput,
        "\(path) contains no weights: expected one of \(Self.names.joined(separator: ", "))")
    }
    checkpoint =
      try place.hasSuffix(".json") ? CheckpointShards(place, in: path) : openCheckpoint(place)
  }
}

/// A checkpoint that is split into several files, which are listed in `….index.json`.
private struct CheckpointShards: CheckpointFile {
  private struct Index: Decodable {
    var weight_map: [String: String]
  }

  let path: String
  let stored: [String: StoredTensor]
  private let shards: [String: any CheckpointFile]

  init(_ path: String, in folder: String) throws(ModelError) {
    self.path = path
    let map: [String: String]
    do {
      map = try JSONDecoder().decode(Index.self, from: Data(reading: path)).weight_map
    } catch let error as ModelError {
      throw error
    } catch {
      throw ModelError(.badData, "\(path) is not a valid index of shards: \(error)")
    }
    var opened: [String: any CheckpointFile] = [:]
    for name in Set(map.values) {
      guard !name.contains("/") else {
        throw ModelError(
          .badData, "\(path) lists the file \(name), expected a file name without a folder")
      }
      opened[name] = try openCheckpoint("\(folder)/\(name)")
    }
    let count = opened.values.reduce(0) { $0 + $1.stored.count }
    guard count == map.count else {
      throw ModelError(
        .badData, "\(path) lists \(map.count) tensors, but its files contain \(count)")
    }
    var stored: [String: StoredTensor] = [:]
    var shards: [String: any CheckpointFile] = [:]
    for (name, shard) in map {
      guard let file = opened[shard], let tensor = file.stored[name] else {
        throw ModelError(.badData, "\(name) is missing in \(folder)/\(shard)")
      }
      stored[name] = tensor
      shards[name] = file
    }
    self.stored = stored
    self.shards = shards
  }

  func tensor(_ name: String) throws(ModelError) -> Tensor {
    guard let shard = shards[name] else {
      throw ModelError(.badData, "\(name) is missing in \(path)")
    }
    return try shard.tensor(name)
  }
}

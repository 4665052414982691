import FoundationEssentials
import Tensors

/// A checkpoint as users give it: a file, or a folder of Hugging Face.
struct CheckpointFolder {
  /// Nil where a file was given.
  let config: String?
  let checkpoint: any CheckpointFile

  /// The names of weights in a folder, and of lists of several files with them, in order of preference.
  private static let names = [
    "model.safetensors", "diffusion_pytorch_model.safetensors", "pytorch_model.bin",
    "diffusion_pytorch_model.bin",
  ]

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
        .noInput, "\(path) has no weights: none of \(Self.names.joined(separator: ", "))")
    }
    checkpoint =
      try place.hasSuffix(".json") ? CheckpointShards(place, in: path) : openCheckpoint(place)
  }
}

/// A checkpoint in several files, as `….index.json` lists them.
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
      throw ModelError(.badData, "\(path) is no list of shards: \(error)")
    }
    var opened: [String: any CheckpointFile] = [:]
    for name in Set(map.values) {
      guard !name.contains("/") else {
        throw ModelError(.badData, "\(path) names \(name), which is not beside it")
      }
      opened[name] = try openCheckpoint("\(folder)/\(name)")
    }
    let count = opened.values.reduce(0) { $0 + $1.stored.count }
    guard count == map.count else {
      throw ModelError(
        .badData, "\(path) lists \(map.count) tensors, expected the \(count) of its files")
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

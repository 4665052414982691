import Foundation
import Tensors

@testable import DepthModels

/// Readers of bundles and checkpoints.
extension FuzzedReader {
  static func readSafetensors(_ bytes: Data) throws {
    let file = try Safetensors(reading: Scratch.file("a.safetensors", bytes))
    for (name, entry) in file.entries where entry.shape.count < 1 << 16 {
      _ = try file.tensor(name)
    }
  }

  /// Reads every tensor of a checkpoint, except for large ones, which would only take memory.
  static func readTorch(_ bytes: Data) throws {
    let file = try TorchCheckpoint(bytes, path: "x.pth")
    for (name, tensor) in file.stored where tensor.shape.count < 1 << 16 {
      _ = try file.tensor(name)
    }
  }

  /// Infers the architecture from a stage and lines with the type, name and sides of each tensor.
  static func readArchitectures(_ bytes: Data) throws {
    let lines = bytes.text.split(separator: "\n")
    guard let stage = lines.first.flatMap({ Manifest.Stage(rawValue: String($0)) }) else { return }
    let file = try ListedCheckpoint(lines.dropFirst())
    let shapes = try CheckpointTensors(file, of: stage).shapes
    switch stage {
    case .coarse:
      let architecture = try CoarseArchitecture(
        shapes: shapes, hyperparameters: .init(), normalization: .half, output: .unchanged,
        path: file.path)
      try architecture.validate(in: file.path)
      cost(architecture)
    case .vae:
      let architecture = try AutoencoderArchitecture(
        shapes: shapes, hyperparameters: .init(), path: file.path)
      try architecture.validate(ManifestCheck(path: file.path))
    case .unet:
      let denoiser = try DenoiserArchitecture(shapes: shapes, heads: nil, path: file.path)
      let refiner = RefinerArchitecture(autoencoder: nil, denoiser: denoiser)
      try refiner.validate(in: file.path)
      cost(refiner)
    }
  }

  /// Reads the configurations of a depth network and an autoencoder, and an index of shards.
  static func readHuggingFace(_ bytes: Data) throws {
    let folder = Scratch.folder + "/hf"
    Scratch.files(
      ["hf/config.json", "hf/vae.json", "hf/model.safetensors.index.json"], of: bytes)
    Scratch.file("hf/1.safetensors", safetensors(["a": [2]]))
    Scratch.file("hf/2.safetensors", safetensors(["b": [2]]))
    for read: () throws -> Void in [
      {
        let config = try HuggingFaceConfig(reading: folder + "/config.json")
        _ = (config.heads, config.hooks, config.groups, config.layerNormEpsilon)
      },
      { _ = try DiffusersConfig(reading: folder + "/vae.json").hyperparameters },
      {
        let checkpoint = try CheckpointFolder(folder).checkpoint
        for name in checkpoint.stored.keys { _ = try checkpoint.tensor(name) }
      },
    ] {
      do { try read() } catch is ModelError {}
    }
  }

  /// Reads `model.json` next to files of 8 bytes, and computes the costs that `relief model info` prints.
  static func readManifest(_ bytes: Data) throws {
    for stage in Manifest.Stage.allCases {
      Scratch.file("bundle/" + stage.fileName, Data(count: 8))
    }
    Scratch.file("bundle/model.json", bytes)
    let manifest = try ModelBundle(directory: Scratch.folder + "/bundle").manifest
    cost(manifest.coarse)
    if let refiner = manifest.refiner { cost(refiner) }
  }

  private static func cost(_ coarse: CoarseArchitecture) {
    precondition(coarse.operationCount(rows: 512, columns: 512) > 0)
    precondition(coarse.peakBytes(rows: 512, columns: 512, workers: 2) > 0)
  }

  private static func cost(_ refiner: RefinerArchitecture) {
    precondition(refiner.operationCount(rows: 512, columns: 512, evaluations: 6) > 0)
    precondition(refiner.peakBytes(rows: 512, columns: 512, workers: 2) > 0)
  }

  /// Returns a safetensors file of F32 tensors of zeros.
  static func safetensors(_ shapes: [String: [Int]], metadata: String? = nil) -> Data {
    var offset = 0
    var items: [String] = metadata.map { ["\"__metadata__\":{\($0)}"] } ?? []
    for (name, shape) in shapes.sorted(by: { $0.key < $1.key }) {
      let end = offset + 4 * shape.reduce(1, *)
      items.append(
        "\"\(name)\":{\"dtype\":\"F32\",\"shape\":\(shape),\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    let header = Data("{\(items.joined(separator: ","))}".utf8)
    let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
    return Data(length) + header + Data(count: offset)
  }
}

/// A checkpoint that has only names and shapes.
private struct ListedCheckpoint: CheckpointFile {
  let path = "x.pth"
  let stored: [String: StoredTensor]

  init(_ lines: some Collection<Substring>) throws {
    var stored: [String: StoredTensor] = [:]
    for line in lines {
      let words = line.split(separator: " ").map(String.init)
      guard words.count >= 2,
        let shape = Shape(stated: words[2...].compactMap { Int($0) }, byteCount: 4)
      else { continue }
      stored[words[1]] = StoredTensor(words[0], shape)
    }
    self.stored = stored
  }

  func tensor(_ name: String) throws(ModelError) -> Tensor {
    throw ModelError(.badData, "\(name) has no values")
  }
}

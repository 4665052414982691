import DepthModels
import Foundation
import Learning
import Rasters
import Scenes

/// The readers of files that may come from anywhere, each fed with whatever the fuzzer makes up.
///
/// Every reader must end with a value or with one of the documented errors; anything else ends the process, and the
/// fuzzer keeps the bytes.
enum FuzzedReader: String, CaseIterable {
  /// Weights in safetensors, and every tensor of them.
  case safetensors
  /// PyTorch's checkpoints: zip and pickle, which are never executed.
  case torch
  /// `model.json` of a bundle.
  case manifest
  /// `plan.json` of an unfinished run.
  case plan
  /// A stored tile.
  case tile
  /// Lists of pairs as CSV, TSV and JSON, and the list of exclusions.
  case pairsCSV, pairsTSV, pairsJSON, exclusions
  /// The configuration of a training.
  case training
  /// The tags of an output that tell its tiling.
  case tags
  /// Values of options: stretches, boxes, windows, distances.
  case options

  /// The one that `RELIEF_READER` names.
  static let chosen: FuzzedReader = {
    let name = ProcessInfo.processInfo.environment["RELIEF_READER"] ?? ""
    guard let reader = FuzzedReader(rawValue: name) else {
      print("RELIEF_READER is “\(name)”, expected one of \(allCases.map(\.rawValue))")
      exit(2)
    }
    return reader
  }()

  func read(_ bytes: UnsafeRawBufferPointer) {
    do {
      switch self {
      case .safetensors:
        let file = try Safetensors(reading: Scratch.file("a.safetensors", bytes))
        for name in file.entries.keys where file.entries[name]!.shape.count < 1 << 16 {
          _ = try file.tensor(name)
        }
      case .torch: try Self.readCheckpoint(bytes)
      case .manifest:
        _ = Scratch.file("model.json", bytes)
        _ = try ModelBundle(directory: Scratch.folder)
      case .plan:
        _ = Scratch.file("plan.json", bytes)
        _ = try FolderTileStore(reading: Scratch.folder)
      case .tile: try Self.readTile(bytes)
      case .pairsCSV: _ = try PairList(reading: Scratch.file("pairs.csv", bytes))
      case .pairsTSV: _ = try PairList(reading: Scratch.file("pairs.tsv", bytes))
      case .pairsJSON: _ = try PairList(reading: Scratch.file("pairs.json", bytes))
      case .exclusions: _ = try ExclusionList(reading: Scratch.file("exclusions.tsv", bytes))
      case .training: _ = try TrainingConfiguration(reading: Scratch.file("training.json", bytes))
      case .tags: try Self.readTags(bytes)
      case .options: Self.readOptions(String(decoding: bytes, as: UTF8.self))
      }
    } catch is ModelError {
    } catch is SceneError {
    } catch is RasterError {
    } catch {
      fatalError("an error that is not documented: \(error)")
    }
  }
}

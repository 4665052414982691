import DepthModels
import Foundation
import Learning
import Rasters
import Scenes

/// The readers of what may come from anywhere, each fed with whatever the fuzzer makes up.
///
/// Every reader must end with a value that makes sense or with one of the documented errors; anything else ends the
/// process, and the fuzzer keeps the bytes.
enum FuzzedReader: String, CaseIterable {
  /// Weights in safetensors, and every tensor of them.
  case safetensors
  /// PyTorch's checkpoints: zip and pickle, which are never executed.
  case torch
  /// Names and shapes of a checkpoint's tensors, from which networks are read.
  case architectures
  /// `config.json` and lists of shards of Hugging Face.
  case huggingFace
  /// `model.json` of a bundle.
  case manifest
  /// `plan.json` of an unfinished run.
  case plan
  /// Stored tiles, torn ones and such with a right seal.
  case tiles
  /// Tags of an output that tell its tiling.
  case tags
  /// The mark of a style that relief wrote.
  case style
  /// Metadata of products, and the sun in them.
  case sun
  /// Metadata of bands: wavelengths and declared nodata.
  case bands
  /// `/proc` and control groups.
  case limits
  /// Lists of pairs, and of exclusions.
  case pairsCSV, pairsTSV, pairsJSON, exclusions
  /// RS3DBench's split files.
  case splits
  /// The configuration of a training.
  case training
  /// A training's checkpoint.
  case checkpoint
  /// What a training's folder holds beside it: tables, pictures, notes.
  case trainingFolder
  /// Values of options.
  case options

  /// Reads one input.
  func run(on bytes: Data) {
    do {
      switch self {
      case .safetensors: try Self.readSafetensors(bytes)
      case .torch: try Self.readTorch(bytes)
      case .architectures: try Self.readArchitectures(bytes)
      case .huggingFace: try Self.readHuggingFace(bytes)
      case .manifest: try Self.readManifest(bytes)
      case .plan: try Self.readPlan(bytes)
      case .tiles: try Self.readTiles(bytes)
      case .tags: try Self.readTags(bytes)
      case .style: try Self.readStyle(bytes)
      case .sun: Self.readSun(bytes)
      case .bands: try Self.readBands(bytes)
      case .limits: Self.readLimits(bytes)
      case .pairsCSV: try Self.readPairs(bytes, "csv")
      case .pairsTSV: try Self.readPairs(bytes, "tsv")
      case .pairsJSON: try Self.readPairs(bytes, "json")
      case .exclusions: try Self.readExclusions(bytes)
      case .splits: try Self.readSplits(bytes)
      case .training: _ = try TrainingConfiguration(reading: Scratch.file("training.json", bytes))
      case .checkpoint: try Self.readCheckpoint(bytes)
      case .trainingFolder: try Self.readTrainingFolder(bytes)
      case .options: Self.readOptions(bytes.text)
      }
    } catch is ModelError {
    } catch is SceneError {
    } catch is RasterError {
    } catch {
      fatalError("an error that is not documented: \(error)")
    }
  }
}

import DepthModels
import Foundation
import Training
import Rasters
import Scenes

/// The readers of files and texts from untrusted sources, which the fuzzer calls with generated input.
///
/// Every reader must return a valid value or throw a documented error. Anything else ends the process, and the fuzzer
/// keeps the input.
enum FuzzedReader: String, CaseIterable {
  /// Safetensors files, with every tensor.
  case safetensors
  /// PyTorch checkpoints: zip archives and pickles, which are never executed.
  case torch
  /// Names and shapes of a checkpoint's tensors, from which architectures are inferred.
  case architectures
  /// Hugging Face's `config.json` and indexes of shards.
  case huggingFace
  /// The `model.json` of a bundle.
  case manifest
  /// The `plan.json` of an unfinished run.
  case plan
  /// Stored tiles: damaged ones, and ones with a matching checksum.
  case tiles
  /// Tags of an output that describe its tiling.
  case tags
  /// The origin of a style that relief wrote.
  case style
  /// Product metadata, and the sun azimuth in it.
  case sun
  /// Band metadata: wavelengths and declared nodata.
  case bands
  /// `/proc` and control groups.
  case limits
  /// Lists of pairs, and lists of exclusions.
  case pairsCSV, pairsTSV, pairsJSON, exclusions
  /// RS3DBench's split files.
  case splits
  /// The configuration of a training.
  case training
  /// A training's checkpoint.
  case checkpoint
  /// The other files of a training's folder: tables, pictures and notes.
  case trainingFolder
  /// Values of options.
  case options

  /// Runs the reader on one input.
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
      fatalError("expected a documented error, found \(error)")
    }
  }
}

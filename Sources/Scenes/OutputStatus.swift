import Foundation
public import Grids
import Rasters

/// How far an output is: what the folder of an unfinished run says, and what the tags of a finished one say.
///
/// Both are there while a finished one is replaced, or where tiles failed and wait to be tried again.
public struct OutputStatus: Sendable, Codable {
  /// A run that was begun and has not ended with a whole output.
  public struct Unfinished: Sendable, Codable {
    public let folder: String
    /// The run that is at work on it now; nil for none.
    public let writer: String?
    public let scene: String
    /// The identity of the bundle.
    public let bundle: String
    public let area: Window
    public let stages: [Progress]
  }

  /// How many tiles of a stage have ended, and how.
  public struct Progress: Sendable, Codable {
    public let stage: Stage
    public let wanted: Int
    public let done: Int
    public let skipped: Int
    public let failed: [FailedTile]

    init(_ stage: Stage, _ tiles: [TileIndex], in store: FolderTileStore) throws {
      var (done, skipped) = (0, 0)
      for tile in tiles {
        switch try store.state(of: tile, in: stage) {
        case .done: done += 1
        case .skipped: skipped += 1
        case .failed, nil: break
        }
      }
      (self.stage, self.done, self.skipped, wanted) = (stage, done, skipped, tiles.count)
      failed = try store.failures(among: tiles, in: stage)
    }
  }

  public let output: String
  public let unfinished: Unfinished?
  /// The tags of the output that is there; nil for none, or none of ours.
  public let tags: [String: String]?

  /// What the output lacks, as its tag says; nil where it is whole, or not there.
  public var holes: String? { tags?["RELIEF_HOLES"] }

  /// Looks, and changes nothing.
  ///
  /// - Throws: `RasterError` if there is neither an output nor the folder of a run, or the output is none of ours;
  ///   `SceneError` if the folder's plan cannot be read.
  public init(of output: OutputOptions) throws {
    self.output = output.path
    let folder = output.storeFolder
    let hasRun = FolderTileStore.planData(in: folder) != nil
    guard hasRun || FileManager.default.fileExists(atPath: output.path) else {
      throw RasterError(
        .noInput, "neither \(output.path) nor \(folder) with a plan is there: nothing was begun")
    }
    unfinished = hasRun ? try Self.unfinished(folder) : nil
    guard FileManager.default.fileExists(atPath: output.path) else {
      tags = nil
      return
    }
    let metadata = try Dataset(reading: output.path).metadata()
    guard metadata[Provenance.planTag] != nil else {
      tags = nil
      // Beside a run it is what the run will replace.
      guard unfinished == nil else { return }
      throw RasterError(
        .badData, "\(output.path) has no tag \(Provenance.planTag): it is no output of relief")
    }
    tags = metadata
  }

  private static func unfinished(_ folder: String) throws -> Unfinished {
    let store = try FolderTileStore(reading: folder)
    let plan = store.plan
    return Unfinished(
      folder: folder, writer: FolderLock.holder(of: folder), scene: plan.scene.path,
      bundle: plan.bundle, area: plan.area,
      stages: try plan.stages.map { try Progress($0, plan.tiles(of: $0), in: store) })
  }
}

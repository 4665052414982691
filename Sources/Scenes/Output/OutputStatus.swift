import Foundation
public import Grids
import Rasters

/// The status of an output, from the folder of an unfinished run and from the tags of a finished output.
///
/// Both exist while a finished output is being replaced, or if failed tiles remain to be tried again.
public struct OutputStatus: Sendable, Codable {
  /// A run that was started and has no complete output yet.
  public struct Unfinished: Sendable, Codable {
    /// The path of the folder of finished tiles.
    public let folder: String
    /// The process that has locked the folder now; nil if there is none.
    public let writer: String?
    /// The path of the scene.
    public let scene: String
    /// The identity of the bundle.
    public let bundle: String
    /// The area of the output, in the scene's pixels.
    public let area: Window
    /// The progress of each stage.
    public let stages: [Progress]
  }

  /// The tile counts of a stage.
  public struct Progress: Sendable, Codable {
    /// The stage.
    public let stage: StageName
    /// The number of tiles that the run needs.
    public let wanted: Int
    /// The number of tiles with heights.
    public let done: Int
    /// The number of tiles without a valid pixel.
    public let skipped: Int
    /// The tiles that failed.
    public let failed: [FailedTile]

    init(_ stage: StageName, _ tiles: [TileIndex], in store: RunStore) throws {
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

  /// The path of the output.
  public let output: String
  /// The unfinished run; nil if there is none.
  public let unfinished: Unfinished?
  /// The tags of the existing output; nil if there is none, or if relief did not write it.
  public let tags: [String: String]?

  /// The missing pixels and failed tiles of the output, from its tag; nil if it is complete or does not exist.
  public var holes: String? { tags?["RELIEF_HOLES"] }

  /// Reads the status; changes nothing.
  ///
  /// - Throws: `RasterError` if there is neither an output nor the folder of a run, or if relief did not write the
  ///   output; `SceneError` if the folder's plan cannot be read.
  public init(of output: OutputOptions) throws {
    self.output = output.path
    let folder = output.tiles.location
    let hasRun = try RunStore.hasPlan(in: output.tiles)
    guard hasRun || FileManager.default.fileExists(atPath: output.path) else {
      throw RasterError(
        .noInput,
        "neither \(output.path) nor \(folder) with a plan exists: no run was started")
    }
    unfinished = hasRun ? try Self.unfinished(output) : nil
    guard FileManager.default.fileExists(atPath: output.path) else {
      tags = nil
      return
    }
    let metadata = try Dataset(reading: output.path).metadata()
    guard metadata[Provenance.planTag] != nil else {
      tags = nil
      // If there is a run, it is going to replace this file.
      guard unfinished == nil else { return }
      throw RasterError(
        .badData, "\(output.path) has no tag \(Provenance.planTag): it is not an output of relief")
    }
    tags = metadata
  }

  private static func unfinished(_ output: OutputOptions) throws -> Unfinished {
    let store = try RunStore(reading: output.tiles)
    let plan = store.plan
    return Unfinished(
      folder: store.objects.location,
      writer: output.store == nil ? FolderLock.holder(of: output.storeFolder) : nil,
      scene: plan.scene.path,
      bundle: plan.bundle, area: plan.area,
      stages: try store.stages.filter(\.load.usesNetwork).map {
        try Progress($0.name, $0.tasks, in: store)
      })
  }
}

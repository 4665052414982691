public import DepthModels
import Grids
import Foundation

/// What a run will take, said before its first tile.
public struct Forecast: Hashable, Sendable, Codable {
  public let tiles: Int
  public let overviewTiles: Int
  public let refinedTiles: Int
  /// Peak memory in bytes.
  public let memory: Int
  /// Bytes on disk at the worst moment: finished tiles, the temporary raster and the output.
  public let disk: Int
  /// Seconds of inference; nil where the network does not say how much it computes.
  public let seconds: Double?

  /// The share of the processor's matrix speed that whole networks reach: `relief bench` of the shipped bundle.
  private static let coarseEfficiency = 0.45
  private static let refiningEfficiency = 0.6

  /// From the plan's counts, the network's own figures and the speed of matrix products on all threads, in
  /// 10⁹ operations a second.
  public init(_ plan: ScenePlan, model: any TileModel, resources: Resources, gflops: Double) {
    tiles = plan.working.wanted.count
    overviewTiles = plan.overview?.wanted.count ?? 0
    memory =
      resources.rasterCache + model.weightBytes + plan.stripBytes
      + max(resources.coarse.memory, resources.refined.memory)
    refinedTiles = plan.refinement == nil ? 0 : plan.outputTiles.count
    let size = (rows: plan.working.tiles.tileHeight, columns: plan.working.tiles.tileWidth)
    let levels = [plan.working, plan.overview].compactMap { $0 }
    let tileBytes = levels.reduce(refinedTiles * size.rows * size.columns * 4) { sum, level in
      sum + level.wanted.count * level.tiles.tileWidth * level.tiles.tileHeight * 4
    }
    disk = tileBytes + plan.area.pixelCount * 4 * 2
    var seconds = levels.reduce(0.0) { sum, level in
      sum + Double(level.wanted.count)
        * model.operationCount(rows: level.tiles.tileHeight, columns: level.tiles.tileWidth)
        / (gflops * 1e9 * Self.coarseEfficiency)
    }
    if let options = plan.refinement, let refiner = model.refiner {
      seconds +=
        Double(refinedTiles)
        * refiner.operationCount(rows: size.rows, columns: size.columns, options: options)
        / (gflops * 1e9 * Self.refiningEfficiency)
    }
    self.seconds = seconds > 0 ? seconds : nil
  }

  /// Refuses a run that would fill the disk.
  public func checkDisk(at folder: String) throws {
    let attributes = try? FileManager.default.attributesOfFileSystem(forPath: folder)
    guard let free = (attributes?[.systemFreeSize] as? NSNumber)?.intValue, free < disk else {
      return
    }
    throw SceneError(
      .io,
      "\(folder) has \(Resources.text(free)) free, expected \(Resources.text(disk)) for tiles and output"
    )
  }
}

public import TileModels
import Grids
import Foundation
import Tensors

/// An estimate of a run's tiles, memory, disk space, and time, made before its first tile.
public struct Forecast: Hashable, Sendable, Codable {
  /// The number of coarse tiles.
  public let tiles: Int
  /// The number of overview tiles.
  public let overviewTiles: Int
  /// The number of refined tiles.
  public let refinedTiles: Int
  /// The number of runs of the coarse network, one for each overview tile and each member of a coarse tile's ensemble.
  public let coarseRuns: Int
  /// Peak memory in bytes.
  public let memory: Int
  /// Peak disk usage in bytes: finished tiles, the temporary raster, and the output.
  public let disk: Int
  /// Seconds of inference; nil if the network does not report its operation count.
  public let seconds: Double?

  /// Estimates from the plan's counts, the network's own figures, and a trial of each network on a small tile.
  ///
  /// The trials take as long as a sixteenth of a tile, for each tile that will be in flight.
  ///
  /// - Parameters:
  ///   - plan: The plan to estimate.
  ///   - model: The network.
  ///   - resources: The resources of the run.
  ///   - confidence: The quality layers to be written.
  public init(
    _ plan: ScenePlan, model: any TileModel, resources: Resources,
    confidence: Set<ConfidenceRaster> = []
  ) {
    tiles = plan.working.wanted.count
    overviewTiles = plan.overview?.wanted.count ?? 0
    memory =
      resources.rasterCache + TileCache.capacity + model.weightBytes + resources.strip
      + plan.waitingBytes
      + max(resources.coarse.memory, resources.refined.memory, plan.anchor?.blockBytes ?? 0)
    let refinedTiles = plan.tasks(of: .refined).count
    self.refinedTiles = refinedTiles
    var levels = [(tiles: plan.working.tiles, runs: tiles * (plan.ensemble?.rawValue ?? 1))]
    if let overview = plan.overview { levels.append((overview.tiles, overviewTiles)) }
    coarseRuns = levels.reduce(0) { $0 + $1.runs }
    let tileBytes = plan.stages(confidence).reduce(0) { sum, stage in
      guard case .values(let count, let keepsSpread) = stage.result else { return sum }
      return sum + stage.tasks.count * count * (keepsSpread ? 8 : 4)
    }
    let pixelBytes = 4 + confidence.reduce(0) { $0 + $1.bytes } + (plan.anchor == nil ? 0 : 8)
    disk = tileBytes + plan.pixelCount * pixelBytes * 2
    let coarse = ThroughputEstimate(
      share: resources.coarse, run: { _ = try model.coarseHeight(of: $0) },
      operations: model.operationCount)
    var known: [[Int]: Double?] = [:]
    var parts = levels.map { part in
      let size = [part.tiles.tileHeight, part.tiles.tileWidth]
      let seconds = known[size] ?? coarse.seconds(for: part.tiles, multiple: model.sizeMultiple)
      known[size] = .some(seconds)
      return seconds.map { $0 * Double(part.runs) }
    }
    if let options = plan.refinement, let refiner = model.refiner {
      parts.append(
        Self.refining(plan, model: model, refiner, options, share: resources.refined)
          .map { $0 * Double(refinedTiles) })
    }
    seconds = parts.reduce(0.0) { sum, part in
      sum.flatMap { sum in part.map { sum + $0 } }
    }
  }

  /// Seconds per refined tile; the trial runs a single step, because all steps cost the same.
  private static func refining(
    _ plan: ScenePlan, model: any TileModel, _ refiner: any TileRefiner, _ options: RefineOptions,
    share: Resources.Share
  ) -> Double? {
    var short = options
    (short.steps, short.stopsAtOne) = (1, false)
    let throughput = ThroughputEstimate(
      share: share,
      run: { [short] image in
        let (_, rows, columns, _) = image.shape.image
        let slope = (0..<rows * columns).map { Float($0) / Float(rows * columns) }
        _ = try refiner.refine(
          Tensor([1, rows, columns, 1], slope), image: image, options: short, seed: 42)
      },
      operations: { [short] in refiner.operationCount(rows: $0, columns: $1, options: short) })
    let tiles = plan.working.tiles
    return throughput.seconds(
      for: tiles, multiple: model.sizeMultiple,
      operationsPerTile: refiner.operationCount(
        rows: tiles.tileHeight, columns: tiles.tileWidth, options: options))
  }

  /// Checks that the disk has enough free space for the run.
  ///
  /// - Parameter folder: A folder on the disk.
  /// - Throws: `SceneError` if the free space is less than `disk`.
  public func checkDisk(at folder: String) throws {
    let attributes = try? FileManager.default.attributesOfFileSystem(forPath: folder)
    guard let free = (attributes?[.systemFreeSize] as? NSNumber)?.intValue, free < disk else {
      return
    }
    throw SceneError(
      .io,
      "\(folder) has \(Resources.text(free)) free, expected \(Resources.text(disk)) for tiles and output: free up space, or write the output to another disk"
    )
  }
}

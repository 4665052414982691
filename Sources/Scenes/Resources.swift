public import DepthModels
import Grids
import Rasters
import Tensors
import Foundation

/// How much of the machine a run takes: tiles at once, threads inside each, GDAL's cache.
///
/// A tile takes more memory in one stage than in the other, so each has its own share of the machine.
public struct Resources: Hashable, Sendable, Codable {
  /// Bytes that the run may take.
  public let memory: Int
  public let threads: Int
  /// For the overview and the coarse tiles.
  public let coarse: Share
  /// For the refined tiles.
  public let refined: Share
  /// Bytes of blocks that GDAL keeps.
  public let rasterCache: Int
  /// Bytes of one strip of the output, and of what is told of it, while it is blended and written.
  public let strip: Int

  /// What a stage has at once.
  public struct Share: Hashable, Sendable, Codable {
    public let tilesAtOnce: Int
    public let threadsPerTile: Int
    /// Bytes that all tiles in flight hold.
    public let memory: Int
  }

  /// Tiles at once = min(threads, memory ÷ a tile's known peak, tiles); the rest of the threads work inside tiles.
  ///
  /// - Parameters:
  ///   - plan: What will be done.
  ///   - model: The network.
  ///   - options: How much may be taken.
  ///   - confidence: The rasters that are written beside the output.
  /// - Throws: `SceneError` if not even one tile fits.
  public init(
    for plan: ScenePlan, model: any TileModel, options: SceneOptions,
    confidence: Set<ConfidenceRaster> = []
  ) throws {
    let limits = ProcessLimits()
    memory = options.memory ?? limits.freeMemory / 2
    threads = max(1, options.threads ?? limits.processors)
    rasterCache = GDAL.cacheLimit
    strip = plan.stripBytes(confidence)
    let fixed = rasterCache + model.weightBytes + strip + plan.waitingBytes
    let (memory, threads) = (memory, threads)
    func share(of tiles: Int, _ peak: (Int, Int) -> Int) throws -> Share {
      let perTile = Parallel.$workers.withValue(threads) { plan.tileBytes(peak) }
      guard fixed + perTile <= memory else {
        throw SceneError(
          .usage,
          """
          one tile needs \(Self.text(fixed + perTile)) of memory and \(Self.text(memory)) may be \
          taken: allow more with --ram or make tiles smaller with --tile
          """)
      }
      let count = max(1, min(threads, (memory - fixed) / perTile, tiles))
      let workers = threads / count
      return Share(
        tilesAtOnce: count, threadsPerTile: workers,
        memory: count * Parallel.$workers.withValue(workers) { plan.tileBytes(peak) })
    }
    coarse = try share(of: plan.working.wanted.count, model.peakBytes)
    refined =
      plan.refinement == nil
      ? coarse
      : try share(of: plan.outputTiles.count, model.refiner?.peakBytes ?? { _, _ in 0 })
  }

  /// Bytes in the unit that reads best.
  public static func text(_ bytes: Int) -> String {
    bytes >= 1 << 30
      ? String(format: "%.1f GB", Double(bytes) / Double(1 << 30))
      : String(format: "%.0f MB", max(1, Double(bytes) / Double(1 << 20)))
  }
}

extension ScenePlan {
  /// Bytes that one tile holds while it is seen: the network's own, by its `peak` for so many rows and columns, and
  /// image, validity and heights beside it; of an ensemble, one member and the sums of all.
  func tileBytes(_ peak: (Int, Int) -> Int) -> Int {
    [working, overview].compactMap { $0 }.map { level in
      let (rows, columns) = (level.tiles.tileHeight, level.tiles.tileWidth)
      return peak(rows, columns) + rows * columns * (ensemble == nil ? 40 : 96) + readBytes(level)
    }.max() ?? 0
  }

  /// Bytes of one more tile, which is read or written while networks see others: pixels, validity and heights.
  var waitingBytes: Int {
    [working, overview].compactMap { $0 }.map { level in
      level.tiles.tileHeight * level.tiles.tileWidth * 40 + readBytes(level)
    }.max() ?? 0
  }

  /// Bytes of what is read at once of the scene for a tile; the overview has one look.
  private func readBytes(_ level: Level) -> Int {
    let widest = level == working ? ensemble?.scales.last ?? 1 : 1
    let scale = (Double(turnedGrid.width) / Double(level.lattice.width) * widest).rounded(.up)
    let pixels = Double(level.tiles.tileHeight * level.tiles.tileWidth) * scale * scale
    return Int(min(pixels, Double(SceneSource.pieceOfPixels))) * 28
  }

  /// Bytes of one strip while it is blended and written.
  func stripBytes(_ confidence: Set<ConfidenceRaster>) -> Int {
    let heights = area.width * Merge.stripHeight * 24
    guard !confidence.isEmpty else { return heights }
    // Sums on the lattice where the tiles lie, which may be finer than the scene, then samples on the scene's grid.
    let finer = max(
      1, Double(working.lattice.pixelCount) / (Double(scene.width) * Double(scene.height)))
    return heights + Int(Double(area.width * Merge.stripHeight) * (40 * finer + 24))
  }
}

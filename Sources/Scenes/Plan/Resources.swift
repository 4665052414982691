public import TileModels
import Grids
import Rasters
import Tensors
import Foundation

/// The machine resources of a run: concurrent tiles, threads per tile, and the size of GDAL's cache.
///
/// The memory per tile differs between stages, so each stage has its own share of the machine.
public struct Resources: Hashable, Sendable, Codable {
  /// The memory limit of the run, in bytes.
  public let memory: Int
  /// The total number of threads.
  public let threads: Int
  /// The share for overview and coarse tiles.
  public let coarse: Share
  /// The share for refined tiles.
  public let refined: Share
  /// The size of GDAL's block cache, in bytes.
  public let rasterCache: Int
  /// The memory for one strip of the output and of its quality layers while it is blended and written, in bytes.
  public let strip: Int

  /// The concurrency of one stage.
  public struct Share: Hashable, Sendable, Codable {
    /// The number of tiles processed at the same time.
    public let tilesAtOnce: Int
    /// The number of threads inside each tile.
    public let threadsPerTile: Int
    /// The memory of all tiles in flight, in bytes.
    public let memory: Int
  }

  /// Divides memory and threads among concurrent tiles.
  ///
  /// Concurrent tiles = min(threads, available memory ÷ peak memory of a tile, tiles). The remaining threads work
  /// inside the tiles.
  ///
  /// - Parameters:
  ///   - plan: The plan of the run.
  ///   - model: The network.
  ///   - options: The limits on memory and threads.
  ///   - confidence: The quality layers written next to the output.
  /// - Throws: `SceneError` if the memory limit is too small for one tile.
  public init(
    for plan: ScenePlan, model: any TileModel, options: SceneOptions,
    confidence: Set<ConfidenceRaster> = []
  ) throws {
    let limits = ProcessLimits()
    memory = options.memory ?? limits.freeMemory / 2
    threads = max(1, options.threads ?? limits.processors)
    rasterCache = GDAL.cacheLimit
    strip = plan.stripBytes(confidence)
    if let anchor = plan.anchor, rasterCache + anchor.blockBytes > memory {
      throw SceneError(
        .usage,
        """
        one block of cells of the reference needs \(Self.text(rasterCache + anchor.blockBytes)) of memory, but the \
        limit is \(Self.text(memory)): raise it with --ram
        """)
    }
    let fixed =
      rasterCache + TileCache.capacity + model.weightBytes + strip + plan.waitingBytes
    let (memory, threads) = (memory, threads)
    func share(of tiles: Int, _ peak: (Int, Int) -> Int) throws -> Share {
      let perTile = Parallel.$workers.withValue(threads) { plan.tileBytes(peak) }
      guard fixed + perTile <= memory else {
        throw SceneError(
          .usage,
          """
          one tile needs \(Self.text(fixed + perTile)) of memory, but the limit is \(Self.text(memory)): \
          raise it with --ram or use smaller tiles with --tile
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

  /// The share of a stage.
  func share(for load: StageLoad) -> Share {
    switch load {
    case .coarseNetwork: coarse
    case .refiningNetwork: refined
    case .numbers: Share(tilesAtOnce: threads, threadsPerTile: 1, memory: 0)
    case .block(let bytes):
      Share(
        tilesAtOnce: max(1, min(threads, min(coarse.memory, refined.memory) / max(bytes, 1))),
        threadsPerTile: 1, memory: 0)
    case .strip:
      // No network runs meanwhile, so strips may use the memory of tiles.
      Share(
        tilesAtOnce: min(threads, 1 + min(coarse.memory, refined.memory) / max(strip, 1)),
        threadsPerTile: 1, memory: 0)
    }
  }

  /// Formats a number of bytes in MB or GB.
  public static func text(_ bytes: Int) -> String {
    bytes >= 1 << 30
      ? String(format: "%.1f GB", Double(bytes) / Double(1 << 30))
      : String(format: "%.0f MB", max(1, Double(bytes) / Double(1 << 20)))
  }
}

extension ScenePlan {
  /// The memory of one tile during inference, in bytes: the network's own `peak` for a number of rows and columns, plus
  /// image, validity and heights; with an ensemble, also one member and the sums of all members.
  func tileBytes(_ peak: (Int, Int) -> Int) -> Int {
    [working, overview].compactMap { $0 }.map { level in
      let (rows, columns) = (level.tiles.tileHeight, level.tiles.tileWidth)
      return peak(rows, columns) + rows * columns * (ensemble == nil ? 40 : 96) + readBytes(level)
    }.max() ?? 0
  }

  /// The memory of the one additional tile that is read or written during inference on others, in bytes: pixels,
  /// validity and heights.
  var waitingBytes: Int {
    [working, overview].compactMap { $0 }.map { level in
      level.tiles.tilePixelCount * 40 + readBytes(level)
    }.max() ?? 0
  }

  /// The memory of the scene pixels that are read at once for a tile, in bytes; the overview has no ensemble.
  private func readBytes(_ level: Level) -> Int {
    let widest = level == working ? ensemble?.scales.last ?? 1 : 1
    let scale = (Double(turnedGrid.width) / Double(level.lattice.width) * widest).rounded(.up)
    let pixels = Double(level.tiles.tilePixelCount) * scale * scale
    return Int(min(pixels, Double(SceneSource.pieceOfPixels))) * 28
  }

  /// The memory of one strip while it is blended and written, in bytes.
  func stripBytes(_ confidence: Set<ConfidenceRaster>) -> Int {
    let heights = area.width * MergeStage.stripHeight * 32
    guard !confidence.isEmpty else { return heights }
    // Sums are kept on the tiles' lattice, which may be finer than the scene; samples are kept on the scene's grid.
    let finer = max(
      1, Double(working.lattice.pixelCount) / (Double(scene.width) * Double(scene.height)))
    return heights + Int(Double(area.width * MergeStage.stripHeight) * (40 * finer + 24))
  }
}

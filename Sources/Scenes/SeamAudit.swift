public import Grids
import Rasters
public import Surfaces

/// Whether the tiles can be seen in a height raster, and what to do about it.
///
/// Reads the first band row by row; memory is bounded by the raster's width and the number of its tiles, time by the
/// number of its pixels. A raster that is no output of relief can be audited too, where its tiling is told.
public struct SeamAudit: Sendable {
  /// The raster that was audited.
  public let path: String
  /// Where its tiles lie.
  public let lines: TileLines
  /// What was seen.
  public let statistics: SeamStatistics.Result

  /// The tiling of a raster whose tags do not tell it: square tiles, the first at the raster's upper left corner.
  public struct Tiling: Hashable, Sendable {
    public let size: Int
    public let overlap: Int

    /// - Throws: `SceneError` if the overlap, in pixels, is more than half of a tile's size, or either is none.
    public init(size: Int, overlap: Int) throws {
      guard size > 0 else {
        throw SceneError(.usage, "a tile of \(size) pixels, expected 1 or more")
      }
      guard (0...size / 2).contains(overlap) else {
        throw SceneError(
          .usage, "an overlap of \(overlap) pixels, expected 0 to \(size / 2), half a tile")
      }
      (self.size, self.overlap) = (size, overlap)
    }
  }

  /// Audits a raster: by the tiling given, else by the one that its tags tell.
  ///
  /// - Throws: `RasterError` if it can't be read; `SceneError` if nothing tells where its tiles lie, or its tags tell what
  ///   can't be; `CancellationError`.
  public init(of path: String, tiling: Tiling? = nil) throws {
    let dataset = try Dataset(reading: path)
    guard let lines = try TileLines(of: dataset, tiling: tiling) else {
      throw SceneError(
        .usage,
        "\(path) has no tags RELIEF_TILES, RELIEF_LATTICE and RELIEF_AREA that tell where its tiles "
          + "lie; say it with --tile PIXELS --overlap PIXELS")
    }
    self.lines = lines
    self.path = path
    statistics = try Self.statistics(of: dataset, lines)
  }

  private static func statistics(
    of dataset: borrowing Dataset, _ lines: TileLines
  ) throws -> SeamStatistics.Result {
    var statistics = SeamStatistics(lines, shading: try shading(of: dataset))
    for strip in dataset.grid.window.strips {
      try Task.checkCancellation()
      statistics.add(rows: try dataset.heights(in: strip))
    }
    return statistics.finish()
  }

  /// Measured on three rows in each of at most 64 places.
  private static func shading(of dataset: borrowing Dataset) throws -> Shading? {
    guard dataset.height >= 3 else { return nil }
    let places = min(64, dataset.height / 3)
    var samples: [[[Float]]] = []
    for place in 0..<places {
      let row = place * (dataset.height - 3) / max(places - 1, 1)
      let heights = try dataset.heights(
        in: Window(column: 0, row: row, width: dataset.width, height: 3))
      samples.append(
        (0..<3).map { Array(heights[$0 * dataset.width..<($0 + 1) * dataset.width]) })
    }
    return Shading(samples: samples)
  }
}

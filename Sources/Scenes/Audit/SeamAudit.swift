public import Grids
import Rasters
public import Surfaces

/// An audit of a height raster for visible seams between tiles.
///
/// It reads the first band row by row. Memory is bounded by the raster's width and the number of its tiles; time is
/// proportional to the number of pixels. Rasters that relief did not write can be audited if their tiling is given.
public struct SeamAudit: Sendable {
  /// The path of the audited raster.
  public let path: String
  /// The lines at which its tiles begin and end.
  public let lines: TileLines
  /// The measured statistics.
  public let statistics: SeamStatistics.Result

  /// The tiling of a raster without tiling tags: square tiles, the first at the raster's upper left corner.
  public struct Tiling: Hashable, Sendable {
    /// The side of a tile, in pixels.
    public let size: Int
    /// The overlap of neighboring tiles, in pixels.
    public let overlap: Int

    /// Creates a tiling.
    ///
    /// - Throws: `SceneError` if the size is less than 1, or if the overlap is negative or more than half the size.
    public init(size: Int, overlap: Int) throws {
      guard size > 0 else {
        throw SceneError(.usage, "the tile size is \(size) pixels, expected 1 or more")
      }
      guard (0...size / 2).contains(overlap) else {
        throw SceneError(
          .usage, "the overlap is \(overlap) pixels, expected 0 to \(size / 2), half a tile")
      }
      (self.size, self.overlap) = (size, overlap)
    }
  }

  /// Audits a raster with the given tiling or, if it is nil, with the tiling in the raster's tags.
  ///
  /// - Throws: `RasterError` if the raster cannot be read; `SceneError` if no tiling is given and the tags have none or
  ///   are inconsistent; `CancellationError`.
  public init(of path: String, tiling: Tiling? = nil) throws {
    let dataset = try Dataset(reading: path)
    guard let lines = try TileLines(of: dataset, tiling: tiling) else {
      throw SceneError(
        .usage,
        "\(path) has no tags RELIEF_TILES, RELIEF_LATTICE and RELIEF_AREA with the positions of its tiles; "
          + "set them with --tile PIXELS --overlap PIXELS")
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

  /// Measures the shading on three rows at each of at most 64 positions.
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

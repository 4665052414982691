public import Grids

/// How much a height raster depends on the tile grid, the requested area, and the number of threads.
public struct InvarianceReport: Sendable {
  /// The exact 5th to 95th percentile of all heights of the raster, in its unit.
  public let range: ClosedRange<Double>
  /// The rerun of all of the area with tiles that begin half a stride earlier; nil if the scene is one tile.
  public let halfStride: Change?
  /// The rerun of only the middle half along each axis; nil if the raster has no height there.
  public let part: Change?
  /// The rerun of the same part with another number of threads; nil if there is no part.
  public let threads: Threads?
  /// Warnings for the user.
  public let warnings: [String]

  /// The changes in one rerun.
  public struct Change: Sendable {
    /// The area that was run and compared, in the scene's pixels.
    public let area: Window
    /// The differences from the raster's heights.
    public let heights: HeightChange
    /// The tiles that have no heights in this run; their areas are not compared.
    public let failedTiles: [FailedTile]
  }

  /// Two runs of one plan with different numbers of threads.
  public struct Threads: Sendable {
    /// The number of threads of the first run.
    public let first: Int
    /// The number of threads of the second run.
    public let second: Int
    /// The comparison, which is expected to find no difference.
    ///
    /// Nil if different tiles failed in the two runs, because that changes all heights.
    public let bits: BitComparison?
    /// The tiles that have no heights in the second run.
    public let failedTiles: [FailedTile]
  }

  /// Converts a height difference to percent of the range.
  ///
  /// The result is nil for nil. For a raster without relief, any difference other than 0 gives infinity.
  public func percent(_ difference: Double?) -> Double? {
    difference.map { $0 == 0 ? 0 : 100 * $0 / (range.upperBound - range.lowerBound) }
  }

  /// The failed tiles of all reruns.
  public var failedTiles: [FailedTile] {
    (halfStride?.failedTiles ?? []) + (part?.failedTiles ?? []) + (threads?.failedTiles ?? [])
  }

  /// Whether the heights are bit-identical for any number of threads, as every run guarantees; true if not tested.
  public var isBitIdentical: Bool { threads?.bits.map { $0.differentPixels == 0 } ?? true }
}

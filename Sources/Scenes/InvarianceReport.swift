public import Grids

/// How far a height raster hangs on where its tiles lie and on what was asked for, and whether bits hang on threads.
public struct InvarianceReport: Sendable {
  /// The 5th to the 95th percentile of all its heights, exact, in its unit.
  public let range: ClosedRange<Double>
  /// Tiles that begin half a stride earlier, over all of it; nil where the scene is one tile.
  public let halfStride: Change?
  /// The middle half along each axis, asked for alone; nil where the raster has no height there.
  public let part: Change?
  /// The same part with another number of threads; nil where there is no part.
  public let threads: Threads?
  /// What the user should know.
  public let warnings: [String]

  /// What changed when the scene was run once more.
  public struct Change: Sendable {
    /// What was run and compared, in the scene's pixels.
    public let area: Window
    public let heights: HeightChange
    /// Tiles that got no heights in that run: where they lie nothing is compared.
    public let failedTiles: [FailedTile]
  }

  /// Two runs of one plan.
  public struct Threads: Sendable {
    /// How many threads the one and the other had.
    public let first: Int
    public let second: Int
    /// None is expected to differ; nil where other tiles failed in the one than in the other, which moves all heights.
    public let bits: BitComparison?
    /// Tiles that got no heights in the second run.
    public let failedTiles: [FailedTile]
  }

  /// A difference of heights in percent of the range.
  ///
  /// Nil for nil; on a raster without relief anything but 0 is infinite.
  public func percent(_ difference: Double?) -> Double? {
    difference.map { $0 == 0 ? 0 : 100 * $0 / (range.upperBound - range.lowerBound) }
  }

  /// All tiles that failed, of all runs.
  public var failedTiles: [FailedTile] {
    (halfStride?.failedTiles ?? []) + (part?.failedTiles ?? []) + (threads?.failedTiles ?? [])
  }

  /// Whether threads made no difference: a promise of every run.
  public var keepsBits: Bool { threads?.bits.map { $0.differentPixels == 0 } ?? true }
}

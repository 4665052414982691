public import Rasters

/// What a run did: everything that a caller or a log may want to keep.
public struct SceneReport: Sendable {
  public var output: WrittenRaster
  /// Files that were written beside the output.
  public var companions: [String]
  /// Whether the output was there before, and nothing was computed.
  public var wasAlreadyDone = false
  public var tilesDone = 0
  public var tilesSkipped = 0
  /// Those that got no heights, of all stages; their folder is kept, so that they can be tried again.
  public var failedTiles: [FailedTile] = []
  /// Valid pixels of the scene.
  public var validPixels = 0
  /// Pixels that should have a height and have none: valid ones, and those that cannot be read.
  public var holes = 0
  /// Whether the tiles can be seen in the output; nil where that could not be read again, as a warning says.
  public var audit: SeamAudit?
  public var warnings: [String]
  /// Seconds in each part of the run, in order.
  public var seconds: [(part: String, seconds: Double)]
}

public import Rasters

/// The results of a run.
public struct SceneReport: Sendable {
  /// The output raster.
  public var output: WrittenRaster
  /// The paths of the files written next to the output.
  public var companions: [String]
  /// The raster of heights in meters; nil without a reference.
  public var dem: WrittenRaster?
  /// What was added to the reference; nil without a reference, or if nothing was computed.
  public var anchor: AnchorReport?
  /// Whether the output already existed and nothing was computed.
  public var wasAlreadyDone = false
  /// The number of tiles of the output with heights.
  public var tilesDone = 0
  /// The number of tiles of the output without valid pixels.
  public var tilesSkipped = 0
  /// The tiles of all stages that failed and have no heights; the tile store is kept so that they can be retried.
  public var failedTiles: [FailedTile] = []
  /// The number of valid pixels of the scene.
  public var validPixels = 0
  /// The number of pixels that should have a height but have none: valid pixels without a tile, and unreadable pixels.
  public var holes = 0
  /// The seam audit of the output; nil if the output could not be read again, which is also a warning.
  public var audit: SeamAudit?
  /// Warnings for the user.
  public var warnings: [String]
  /// The duration of each part of the run in seconds, in order.
  public var seconds: [(part: String, seconds: Double)]
}

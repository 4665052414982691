public import Rasters
public import Grids

/// Everything a user can say about a run, with what happens if nothing is said.
public struct SceneOptions: Sendable {
  /// The part of the scene that is wanted.
  public enum Area: Hashable, Sendable {
    case whole
    /// In the scene's pixels; it must lie inside.
    case window(Window)
    /// In map coordinates of a CRS (nil: the scene's own); what lies outside the scene is cut off, and said.
    case bounds(Bounds, CRS?)
  }

  /// Which way the numbers grow.
  public enum Quantity: String, Sendable, Codable, CaseIterable {
    /// Upward: larger is higher.
    case height
    /// Downward, away from the sensor: larger is lower.
    case depth
  }

  /// What brings heights to the range in which networks work.
  public enum Normalization: String, Sendable, Codable, CaseIterable {
    /// One surface over the scene, on one ruler, and a stretch that all tiles share.
    case scene
    /// Each tile by its own least and greatest, as in the paper: nothing holds the tiles together.
    case perTile = "per-tile"
  }

  /// Nil: as the bundle was trained.
  public var stretch: Stretch?
  public var stretchBands: Radiometry.Bands?
  /// Size of a tile in pixels and the overlap of neighbours; nil: as the bundle recommends.
  public var tileSize: Int?
  public var overlap: Int?
  /// Begins tiles half a stride earlier, which shows how far the result hangs on where they lie.
  public var shiftsTiles = false
  public var area: Area = .whole
  /// Where the sun stood, in degrees clockwise from true north (of an image without a place, from its top); nil: as
  /// metadata say, or time and place.
  public var sunAzimuth: Double?
  public var gsd: GSDPolicy = .auto
  public var forcesGSD = false
  public var quantity: Quantity = .height
  /// Evaluations of the refining network: 0 for coarse heights alone; nil: as the bundle was made for.
  public var steps: Int?
  public var stopsAtOne = false
  public var samplesPosterior = false
  /// Refines all tiles side by side: after each step, neighbours take the mean of what they add to the ground that both
  /// see.
  public var refinesJointly = false
  public var normalization: Normalization = .scene
  /// At how many pixel sizes the coarse network sees each tile; nil: as it lies alone.
  public var ensemble: Ensemble?
  /// Threads for inference; nil: one for each processor.
  public var threads: Int?
  /// Bytes that the run may take; nil: half of what is free.
  public var memory: Int?

  public init() {}
}

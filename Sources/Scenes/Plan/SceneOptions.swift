public import Rasters
public import Grids

/// The user's options for a run, with their defaults.
public struct SceneOptions: Sendable {
  /// The part of the scene to process.
  public enum Area: Hashable, Sendable {
    /// The whole scene.
    case whole
    /// A window in the scene's pixels, which must lie inside the scene.
    case window(Window)
    /// A box in map coordinates of a CRS (nil: the scene's own); it is clipped to the scene, with a warning.
    case bounds(Bounds, CRS?)
  }

  /// The direction in which the output values increase.
  public enum Quantity: String, Sendable, Codable, CaseIterable {
    /// Upward: larger values are higher.
    case height
    /// Downward, away from the sensor: larger values are lower.
    case depth
  }

  /// How heights are normalized to the value range of the networks.
  public enum Normalization: String, Sendable, Codable, CaseIterable {
    /// One calibrated surface for the whole scene, with the same stretch for all tiles.
    case scene
    /// Each tile by its own minimum and maximum, as in the paper; the tiles are not calibrated to one another.
    case perTile = "per-tile"
  }

  /// The stretch of the sample values; nil: as the bundle was trained.
  public var stretch: Stretch?
  /// Whether the bands share one stretch; nil: as the bundle was trained.
  public var stretchBands: Radiometry.Bands?
  /// The side of a tile in pixels; nil: the bundle's recommendation.
  public var tileSize: Int?
  /// The overlap of neighboring tiles in pixels; nil: the bundle's recommendation.
  public var overlap: Int?
  /// Whether tiles begin half a stride earlier, to test how much the result depends on their positions.
  public var shiftsTiles = false
  /// The part of the scene to process.
  public var area: Area = .whole
  /// The sun azimuth, in degrees clockwise from true north (from the top of an image without georeferencing); nil: from
  /// the metadata, or else computed from time and location.
  public var sunAzimuth: Double?
  /// The ground sample distance of the network's input.
  public var gsd: GSDPolicy = .auto
  /// Whether to accept a scene whose pixel size is outside the network's range or inconsistent with its CRS.
  public var forcesGSD = false
  /// The direction in which the output values increase.
  public var quantity: Quantity = .height
  /// The number of evaluations of the refining network; 0: coarse heights only; nil: the bundle's number.
  public var steps: Int?
  /// Whether refinement leaves out the last step (`--stop-at-one`).
  public var stopsAtOne = false
  /// Whether latents are sampled from the autoencoder's posterior (`--sample-posterior`).
  public var samplesPosterior = false
  /// Whether all tiles are refined jointly: after each step, neighbors average their details over their overlap.
  public var refinesJointly = false
  /// Whether the overview, which calibrates the tiles, is read from the overviews of the scene's file.
  ///
  /// They are as good as the program that made them; reading all pixels averages them by area.
  public var usesFileOverviews = false
  /// How heights are normalized.
  public var normalization: Normalization = .scene
  /// The number of pixel sizes at which the coarse network processes each tile; nil: the tile's own pixel size only.
  public var ensemble: Ensemble?
  /// The number of threads for inference; nil: one per processor.
  public var threads: Int?
  /// The memory limit of the run, in bytes; nil: half of the free memory.
  public var memory: Int?

  /// Creates options with their default values.
  public init() {}
}

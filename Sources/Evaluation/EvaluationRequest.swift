public import Reports
public import DepthModels
public import Scenes

/// The heights to evaluate, the reference, and options.
public struct EvaluationRequest: Sendable {
  /// The name of the site in the report.
  public var name: String
  /// The path of the heights, positive upward.
  public var heights: String
  /// The path of the reference, in meters.
  public var reference: String
  /// The path of the image that the heights were inferred from, on any grid; used by baselines.
  public var image: String?
  /// The numbers of the image's red, green and blue bands; nil detects them.
  public var bands: [Int]?
  /// The path of a coarse DEM in meters that the heights were anchored to; used by baselines that upsample it.
  public var anchor: String?
  /// Other heights of the same area to compare with, fitted in the same way; their names must be unique among all
  /// surfaces of the report.
  public var rivals: [Rival] = []
  /// The path of a raster that is nonzero where there is water; without it, level areas of the reference are water.
  public var water: String?
  /// The unit of the heights.
  public var unit = Unit.automatic
  /// Meters per pixel of rasters without georeferencing.
  public var gsdInMeters: Double?
  /// The tiling of the heights; nil uses tags of the raster, if there are any.
  public var tiling: SeamAudit.Tiling?
  /// The network of the perceptual distance; nil omits that metric.
  public var lpips: LPIPS?
  /// The longest wavelength that counts in the correlation, in meters; never more than 256 pixels.
  public var longestWavelengthInMeters = 5000.0
  /// The bootstrap of the intervals.
  public var bootstrap = BlockBootstrap()
  /// The folder for scratch files, which are as large as the rasters; nil uses the system's temporary folder.
  public var scratchFolder: String?

  /// The unit of heights.
  public enum Unit: String, Sendable, CaseIterable, Codable {
    /// Meters if the raster says so, otherwise relative.
    case automatic = "auto"
    /// Meters.
    case meters = "m"
    /// Without a unit; evaluated only after a fit of scale and offset.
    case relative
  }

  /// Other heights to compare with.
  public struct Rival: Sendable, Hashable {
    /// The name in the report.
    public var name: String
    /// The path of the raster, positive upward unless it is tagged POSITIVE=down.
    public var raster: String

    /// Creates a rival from its name and raster.
    public init(name: String, raster: String) {
      (self.name, self.raster) = (name, raster)
    }
  }

  /// Creates a request with default options.
  public init(name: String, heights: String, reference: String) {
    (self.name, self.heights, self.reference) = (name, heights, reference)
  }
}

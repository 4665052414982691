public import DepthModels
public import Scenes

/// Heights to be judged, and what they are judged by.
public struct EvaluationRequest: Sendable {
  /// What the site is called in the report.
  public var name: String
  /// The raster of heights, upward positive.
  public var heights: String
  /// The raster of the truth, in metres.
  public var reference: String
  /// The image that the heights were made of, for the baselines that look at it; a raster on the grid of the heights, or
  /// on any other.
  public var image: String?
  /// Its bands that are red, green and blue; nil where they can be found.
  public var bands: [Int]?
  /// A coarse DEM in metres that the heights were held to, for the baselines that enlarge it.
  public var anchor: String?
  /// Other heights of the same ground that these are held against, fitted alike: their names in the report, which
  /// no other surface may have, and rasters.
  public var rivals: [Rival] = []
  /// A raster that is not 0 where there is water; without one, water is where the reference is level.
  public var water: String?
  /// What the numbers of the heights are.
  public var unit = Unit.automatic
  /// Metres from pixel to pixel, of rasters that do not say where they lie.
  public var gsdInMeters: Double?
  /// Where tiles lie in the heights; nil where tags tell it, or nothing does.
  public var tiling: SeamAudit.Tiling?
  /// The network of the perceptual distance; without it that is not measured.
  public var lpips: LPIPS?
  /// Forms broader than this count nothing in the correlation; never more than 256 pixels.
  public var bandInMeters = 5000.0
  public var bootstrap = BlockBootstrap()
  /// Where scratch files lie, as large as the rasters; nil is the system's folder.
  public var scratchFolder: String?

  /// What the numbers of heights are.
  public enum Unit: String, Sendable, CaseIterable, Codable {
    /// Metres where the raster says so.
    case automatic = "auto"
    case metres = "m"
    /// On a ruler of their own: only what is left after a fit is judged.
    case relative
  }

  /// Heights that others made.
  public struct Rival: Sendable, Hashable {
    public var name: String
    /// Upward positive, unless its tag POSITIVE says otherwise.
    public var raster: String

    public init(name: String, raster: String) {
      (self.name, self.raster) = (name, raster)
    }
  }

  public init(name: String, heights: String, reference: String) {
    (self.name, self.heights, self.reference) = (name, heights, reference)
  }
}

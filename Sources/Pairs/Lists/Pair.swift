public import Grids

/// An image and the heights of the same area, for training or evaluation.
public struct Pair: Hashable, Sendable {
  /// What the heights represent.
  public enum Surface: String, Sendable, Hashable, Codable, CaseIterable {
    /// A surface model, including roofs and tree crowns.
    case dsm = "DSM"
    /// A terrain model of the bare ground.
    case dtm = "DTM"
  }

  /// The purpose of a pair.
  public enum Split: String, Sendable, Hashable, Codable, CaseIterable {
    /// Used to fit weights.
    case train
    /// Used to select among trained weights.
    case validation
    /// Used only for the final evaluation.
    case test
  }

  /// The name, unique within a list.
  public var name: String
  /// The path of the image, in any form that GDAL opens.
  public var image: String
  /// The path of the heights, in meters or without a unit; the first band is used.
  public var dem: String
  /// The site, shared by pairs of the same area.
  public var site: String?
  /// What the pair is used for; nil if not assigned.
  public var split: Split?
  /// The part of a training set, from 1, that is held out from one of the networks of a cross-fitting.
  public var fold: Int?
  /// What the DEM is declared to represent.
  public var surface: Surface?
  /// The numbers of the red, green and blue bands, or of a single band; nil detects them.
  public var bands: [Int]?
  /// The window of the image to use, in pixels; nil uses all of it.
  public var window: Window?
  /// The sun azimuth of the image, in degrees clockwise from true north (from the top of an image without
  /// georeferencing); nil determines it as inference does.
  public var azimuth: Double?
  /// The path of heights already inferred from the image.
  public var heights: String?

  /// Creates a pair from two paths; the name defaults to the image path.
  public init(name: String? = nil, image: String, dem: String) {
    self.name = name ?? image
    (self.image, self.dem) = (image, dem)
  }
}

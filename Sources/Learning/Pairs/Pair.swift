public import Grids

/// An image and the heights of the same ground: what a network learns from and is judged on.
public struct Pair: Hashable, Sendable {
  /// What the heights are of.
  public enum Surface: String, Sendable, Hashable, Codable, CaseIterable {
    /// What is seen from above: roofs and crowns.
    case dsm = "DSM"
    /// The bare ground.
    case dtm = "DTM"
  }

  /// What a pair is for.
  public enum Split: String, Sendable, Hashable, Codable, CaseIterable {
    case train, validation, test
  }

  /// Alone of its name in a list.
  public var name: String
  /// Any path that GDAL opens.
  public var image: String
  /// Heights in metres, or of no unit; the first band counts.
  public var dem: String
  /// The place, which pairs of one ground share.
  public var site: String?
  public var split: Split?
  /// The part of a training set, from 1, that one of the networks of a cross-fitting does not see.
  public var fold: Int?
  /// What the DEM is declared to show.
  public var surface: Surface?
  /// Bands of the image as red, green and blue, or one; nil finds them.
  public var bands: [Int]?
  /// The part of the image that counts, in its pixels; nil is all of it.
  public var window: Window?
  /// Where the sun stood in the image, in degrees clockwise from true north (of an image without a place, from its top); nil
  /// finds it as inference does.
  public var azimuth: Double?
  /// Heights that were inferred from the image already.
  public var heights: String?

  /// A pair of two paths, by which it is called if it has no name.
  public init(name: String? = nil, image: String, dem: String) {
    self.name = name ?? image
    (self.image, self.dem) = (image, dem)
  }
}

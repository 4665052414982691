import Rasters

/// What can be told of an output's heights, each as a raster of its own on the same grid: `NAME_tiles.tif` and so on
/// beside `NAME.tif`.
///
/// They say how far the output agrees with itself. None says how far it is from the truth.
public enum ConfidenceRaster: String, Sendable, Codable, CaseIterable {
  /// How many tiles were blended, as Byte; 0 for nodata.
  ///
  /// Where the scene was resampled, the most that any pixel behind the height is blended of.
  case tiles
  /// The feather-weighted standard deviation of the tiles' heights about their blend, in the unit of the heights.
  ///
  /// Nodata where one tile alone has a height, too: there is no second opinion.
  case disagreement
  /// Where the height comes from, as Byte: a `HeightClass`.
  case heightClass = "class"
  /// How far the members of an ensemble lie apart, in the unit of the heights: the feather-weighted mean of the tiles'
  /// standard deviations.
  case spread

  /// All that there are with or without an ensemble.
  public static func all(with ensemble: SceneOptions.Ensemble?) -> Set<ConfidenceRaster> {
    Set(allCases).subtracting(ensemble == nil ? [.spread] : [])
  }

  /// The raster's tag that says which it is.
  static let tag = "RELIEF_RASTER"

  var isByte: Bool { self == .tiles || self == .heightClass }
  /// Bytes of a pixel.
  var bytes: Int { isByte ? 1 : 4 }

  /// What it is, from what the heights are.
  ///
  /// - Parameters:
  ///   - heights: The description of the output.
  ///   - metadata: Tags that say where it comes from.
  ///   - overwrite: Whether one that is there may be replaced.
  /// - Returns: The same grid, with samples, nodata and words of its own.
  func description(
    beside heights: RasterDescription, metadata: [String: String], overwrite: Bool
  ) -> RasterDescription {
    var description = heights
    description.sample = isByte ? .byte : .float32
    description.noData = isByte ? 0 : heights.noData
    description.unit = isByte ? "" : heights.unit
    description.bandDescription = text
    description.categories = self == .heightClass ? HeightClass.categories : []
    description.metadata = metadata.merging([Self.tag: rawValue]) { $1 }
    description.metadata["RELIEF_NODATA"] = noDataText
    if isByte {
      // What is meant for heights: a predictor for floating point, and averages, which are no classes.
      let heightsOnly: Set = ["PREDICTOR", "OVERVIEW_RESAMPLING", "RESAMPLING"]
      description.creationOptions = heights.creationOptions.filter {
        !heightsOnly.contains($0.key.uppercased())
      }
    }
    description.overwrite = overwrite
    return description
  }

  private var text: String {
    switch self {
    case .tiles: "number of tiles blended"
    case .disagreement:
      "feather-weighted standard deviation of the tiles' heights about their blend"
    case .heightClass: "where the height comes from: 1 model, 2 interpolated, 3 flat"
    case .spread:
      "standard deviation (n - 1) of the heights that the coarse network gives at each pixel size"
    }
  }

  private var noDataText: String {
    self == .disagreement ? "no height, or that of one tile alone" : "no height"
  }
}

/// Where the height of a pixel comes from.
public enum HeightClass: UInt8, Sendable, CaseIterable {
  case noData = 0
  /// From what the network shows there.
  case model = 1
  /// The scene was resampled, and the nearest pixel of the lattice that the network saw has no height of its own: it
  /// is that of the pixels around.
  case interpolated = 2
  /// Most of the blend's weight is that of flat tiles: see `FlatTiles`. A word on whole tiles, not on the pixel.
  case flat = 3

  /// Their names, and colours that tell them apart in print, too.
  static var categories: [RasterCategory] {
    allCases.map { height in
      switch height {
      case .noData: RasterCategory("nodata", red: 0, green: 0, blue: 0)
      case .model: RasterCategory("model", red: 142, green: 157, blue: 95)
      case .interpolated: RasterCategory("interpolated", red: 217, green: 95, blue: 2)
      case .flat: RasterCategory("flat", red: 166, green: 206, blue: 227)
      }
    }
  }
}

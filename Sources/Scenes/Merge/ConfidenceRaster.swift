import Rasters

/// The quality layers of an output: rasters on the same grid, such as `NAME_tiles.tif` next to `NAME.tif`.
///
/// They measure the internal consistency of the output, not its error against the true heights.
public enum ConfidenceRaster: String, Sendable, Codable, CaseIterable {
  /// The number of tiles blended, as Byte; 0 for nodata.
  ///
  /// If the scene was resampled, this is the maximum over the lattice pixels that contribute to the height.
  case tiles
  /// The feather-weighted standard deviation of the tiles' heights about their blend, in the unit of the heights.
  ///
  /// Also nodata where only one tile has a height, because there is nothing to compare it with.
  case disagreement
  /// The source of the height, as Byte: a `HeightClass`.
  case heightClass = "class"
  /// The spread of the ensemble members, in the unit of the heights.
  ///
  /// This is the feather-weighted mean of the tiles' standard deviations.
  case spread

  /// All layers that a run can write; the spread requires an ensemble.
  public static func all(with ensemble: SceneOptions.Ensemble?) -> Set<ConfidenceRaster> {
    Set(allCases).subtracting(ensemble == nil ? [.spread] : [])
  }

  /// The tag that identifies the kind of layer.
  static let tag = "RELIEF_RASTER"

  /// Whether samples are Byte instead of Float32.
  var isByte: Bool { self == .tiles || self == .heightClass }
  /// Bytes per pixel.
  var bytes: Int { isByte ? 1 : 4 }

  /// Derives the layer's raster description from that of the heights.
  ///
  /// - Parameters:
  ///   - heights: The description of the output.
  ///   - metadata: Tags that identify the output.
  ///   - overwrite: Whether an existing raster may be replaced.
  /// - Returns: The same grid, with the layer's own sample type, nodata value, and texts.
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
      // These options suit only heights: floating-point predictors, and averaging, which is not defined for classes.
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
    case .heightClass: "source of the height: 1 model, 2 interpolated, 3 flat"
    case .spread:
      "standard deviation (n - 1) of the coarse network's heights at the ensemble's pixel sizes"
    }
  }

  private var noDataText: String {
    self == .disagreement ? "no height, or the height of a single tile" : "no height"
  }
}

/// The source of a pixel's height.
public enum HeightClass: UInt8, Sendable, CaseIterable {
  /// The pixel has no height.
  case noData = 0
  /// The height is network output at this pixel.
  case model = 1
  /// The height is interpolated from surrounding pixels.
  ///
  /// The scene was resampled, and the nearest pixel of the lattice that the network processed has no height.
  case interpolated = 2
  /// Flat tiles have most of the blend's weight; see `FlatTiles`.
  ///
  /// This classifies whole tiles, not single pixels.
  case flat = 3
  /// The height is that of the enlarged reference, without detail of its own; only in meters.
  case reference = 4

  /// The names of the classes of relative heights, and colors that differ in print.
  static var categories: [RasterCategory] { anchoredCategories.dropLast() }

  /// Those of heights in meters.
  static var anchoredCategories: [RasterCategory] {
    allCases.map { height in
      switch height {
      case .noData: RasterCategory("nodata", red: 0, green: 0, blue: 0)
      case .model: RasterCategory("model", red: 142, green: 157, blue: 95)
      case .interpolated: RasterCategory("interpolated", red: 217, green: 95, blue: 2)
      case .flat: RasterCategory("flat", red: 166, green: 206, blue: 227)
      case .reference: RasterCategory("reference", red: 117, green: 112, blue: 179)
      }
    }
  }
}

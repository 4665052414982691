/// The description of a single-band output raster: its size, georeferencing, sample type and metadata.
public struct RasterDescription: Sendable {
  /// The data type of the samples.
  public enum Sample: Sendable {
    /// Any finite number, in 32 bits.
    case float32
    /// An integer in 0…255.
    case byte

    /// GDAL's name of the type.
    var name: String { self == .float32 ? "Float32" : "Byte" }
    /// Size of a sample in bytes.
    var size: Int { self == .float32 ? 4 : 1 }

    /// Returns whether the type represents the value exactly.
    func holds(_ value: Float) -> Bool {
      self == .float32 ? value.isFinite : (0...255).contains(value) && value == value.rounded()
    }
  }

  /// Number of columns.
  public var width: Int
  /// Number of rows.
  public var height: Int
  /// The georeferencing, which is preserved completely.
  public var georeferencing: Georeferencing
  /// The data type of the samples.
  public var sample: Sample
  /// The nodata value, which may be NaN for Float32.
  public var noData: Float
  /// The name of the band.
  public var bandDescription: String
  /// The unit of the values: "m", or "1" for values without a unit.
  public var unit: String
  /// The categories of the classes 0, 1, 2, …; empty for a raster that is not one of classes.
  public var categories: [RasterCategory]
  /// The default metadata domain of the dataset.
  public var metadata: [String: String]
  /// Creation options of GDAL's COG driver, which override the defaults.
  public var creationOptions: [String: String]
  /// Whether an existing output and its sidecars may be replaced.
  public var overwrite: Bool

  /// Creates a description.
  ///
  /// - Precondition: `width` and `height` are positive.
  public init(
    width: Int, height: Int, georeferencing: Georeferencing = Georeferencing(),
    sample: Sample = .float32, noData: Float = -9999, bandDescription: String = "",
    unit: String = "", categories: [RasterCategory] = [], metadata: [String: String] = [:],
    creationOptions: [String: String] = [:], overwrite: Bool = false
  ) {
    precondition(width > 0 && height > 0, "a raster has at least one pixel")
    self.width = width
    self.height = height
    self.georeferencing = georeferencing
    self.sample = sample
    self.noData = noData
    self.bandDescription = bandDescription
    self.unit = unit
    self.categories = categories
    self.metadata = metadata
    self.creationOptions = creationOptions
    self.overwrite = overwrite
  }
}

/// A raster that was written, verified and moved into place.
public struct WrittenRaster: Sendable {
  /// The path of the raster.
  public let path: String
  /// Size of the file in bytes, without sidecars.
  public let bytes: Int
  /// The paths of its sidecars: `.aux.xml` for what a GeoTIFF cannot hold.
  public let sidecars: [String]
  /// Statistics of the valid pixels; nil if there are none.
  public let statistics: RasterStatistics?
}

extension WrittenRaster {
  /// Opens a raster that was written earlier, and computes its statistics from its pixels.
  ///
  /// - Throws: `.badData` or `.io` if the raster cannot be read completely, or if its pixels do not match its stored
  ///   statistics, since not every codec detects damage.
  public init(existing path: String) throws(RasterError) {
    let raster = try Dataset(reading: path)
    let band = raster.bands[0]
    let statistics = try raster.statistics(band: 1, noData: Float(band.noData ?? .nan)) { _ in true
    }
    let items = RasterStatistics.metadata(statistics, pixels: raster.width * raster.height)
    for (key, value) in items.sorted(by: { $0.key < $1.key }) where band.metadata[key] != value {
      throw RasterError(
        .badData,
        "\(path) is damaged: \(key) of its pixels is \(value), expected \(band.metadata[key] ?? "none") as in its tags"
      )
    }
    self.init(
      path: path, bytes: FileSystem.size(of: path) ?? 0,
      sidecars: Temporaries.sidecars(of: path).filter(FileSystem.exists), statistics: statistics)
  }
}

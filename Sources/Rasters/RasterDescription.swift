/// What an output raster is: one band, and all that is said about it.
public struct RasterDescription: Sendable {
  /// How a sample is stored.
  public enum Sample: Sendable {
    /// Any finite number, as 32 bits.
    case float32
    /// A whole number of 0…255.
    case byte

    /// GDAL's name of it.
    var name: String { self == .float32 ? "Float32" : "Byte" }
    /// Bytes that one takes.
    var size: Int { self == .float32 ? 4 : 1 }

    func holds(_ value: Float) -> Bool {
      self == .float32 ? value.isFinite : (0...255).contains(value) && value == value.rounded()
    }
  }

  /// Columns.
  public var width: Int
  /// Rows.
  public var height: Int
  /// Where the pixels lie; all of it is kept.
  public var georeferencing: Georeferencing
  /// How samples are stored.
  public var sample: Sample
  /// What stands where there is no value; one of Float32 may be NaN.
  public var noData: Float
  /// The name of the band.
  public var bandDescription: String
  /// The unit of the values: "m", or "1" for what has none.
  public var unit: String
  /// What the numbers 0, 1, 2… of a raster of classes stand for; empty for any other raster.
  public var categories: [RasterCategory]
  /// The default metadata domain of the dataset.
  public var metadata: [String: String]
  /// Creation options of GDAL's COG driver, in place of ours.
  public var creationOptions: [String: String]
  /// Whether a file of the output's name, with its sidecars, may be replaced.
  public var overwrite: Bool

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

/// A raster that was written, verified and put in its place.
public struct WrittenRaster: Sendable {
  /// Where it is.
  public let path: String
  /// The size of the file, without sidecars.
  public let bytes: Int
  /// Paths of the files beside it that belong to it: `.aux.xml` for what a GeoTIFF can't hold.
  public let sidecars: [String]
  /// Nil when no pixel has a value.
  public let statistics: RasterStatistics?
}

extension WrittenRaster {
  /// One that was written before, with its statistics taken from its pixels.
  ///
  /// - Throws: `.badData` or `.io` where it cannot be read to its end, or its pixels are not those whose statistics are
  ///   written in it: not every codec notices damage.
  public init(existing path: String) throws(RasterError) {
    let raster = try Dataset(reading: path)
    let band = raster.bands[0]
    let statistics = try raster.statistics(band: 1, noData: Float(band.noData ?? .nan)) { _ in true
    }
    let items = RasterStatistics.metadata(statistics, pixels: raster.width * raster.height)
    for (key, value) in items.sorted(by: { $0.key < $1.key }) where band.metadata[key] != value {
      throw RasterError(
        .badData,
        "\(path) is damaged: \(key) of its pixels is \(value), in its tags \(band.metadata[key] ?? "none")"
      )
    }
    self.init(
      path: path, bytes: FileSystem.size(of: path) ?? 0,
      sidecars: Temporaries.sidecars(of: path).filter(FileSystem.exists), statistics: statistics)
  }
}

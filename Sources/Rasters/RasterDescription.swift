/// What an output raster is: one band of Float32, and all that is said about it.
public struct RasterDescription: Sendable {
  /// Columns.
  public var width: Int
  /// Rows.
  public var height: Int
  /// Where the pixels lie; all of it is kept.
  public var georeferencing: Georeferencing
  /// What stands where there is no value; NaN is allowed.
  public var noData: Float
  /// The name of the band.
  public var bandDescription: String
  /// The unit of the values: "m", or "1" for what has none.
  public var unit: String
  /// The default metadata domain of the dataset.
  public var metadata: [String: String]
  /// Creation options of GDAL's COG driver, in place of ours.
  public var creationOptions: [String: String]
  /// Whether a file of the output's name, with its sidecars, may be replaced.
  public var overwrite: Bool

  public init(
    width: Int, height: Int, georeferencing: Georeferencing = Georeferencing(),
    noData: Float = -9999, bandDescription: String = "", unit: String = "",
    metadata: [String: String] = [:], creationOptions: [String: String] = [:],
    overwrite: Bool = false
  ) {
    precondition(width > 0 && height > 0, "a raster has at least one pixel")
    self.width = width
    self.height = height
    self.georeferencing = georeferencing
    self.noData = noData
    self.bandDescription = bandDescription
    self.unit = unit
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

import Grids

/// Writes an image of several bands as a tiled GeoTIFF, which appears under its name complete or not at all.
public struct ImageWriter: Sendable {
  /// A band of the image and its description.
  public struct Band: Sendable {
    /// The name of the band.
    public var name: String
    /// The color interpretation of the band.
    public var interpretation: ColorInterpretation
    /// The samples, `[row, column]`: integers that the sample type can hold.
    public var values: [Float]

    /// Creates a band.
    public init(name: String, interpretation: ColorInterpretation, values: [Float]) {
      (self.name, self.interpretation, self.values) = (name, interpretation, values)
    }
  }

  /// Number of columns.
  public let width: Int
  /// Number of rows.
  public let height: Int
  /// GDAL's name of the sample type, such as "UInt16".
  public let type: String
  /// The georeferencing of the image.
  public var georeferencing = Georeferencing()
  /// The nodata value of all bands; nil for none.
  public var noData: Double?
  /// The default metadata domain of the dataset.
  public var metadata: [String: String] = [:]

  /// Creates a writer of images of one size and sample type.
  public init(width: Int, height: Int, type: String) {
    (self.width, self.height, self.type) = (width, height, type)
  }

  /// Writes all bands; the first becomes band 1.
  ///
  /// - Throws: `.cannotCreate` if the path exists and may not be overwritten, or its directory is not writable; `.io`
  ///   if writing fails.
  public func write(_ bands: [Band], to path: String, overwrite: Bool = false) throws(RasterError) {
    precondition(
      !bands.isEmpty && bands.allSatisfy { $0.values.count == width * height },
      "an image needs at least one band, each of \(width) × \(height) pixels")
    let temporaries = try Temporaries(forResult: path, overwrite: overwrite)
    var dataset = try Dataset(
      creating: temporaries.output, width: width, height: height, bands: bands.count, type: type,
      options: [
        "TILED": "YES", "COMPRESS": "DEFLATE", "PREDICTOR": "2", "BIGTIFF": "IF_SAFER",
        "PHOTOMETRIC": bands.count < 3 ? "MINISBLACK" : "RGB", "ALPHA": "NO",
      ])
    try dataset.setGeoreferencing(georeferencing)
    if !metadata.isEmpty { try dataset.setMetadata(metadata) }
    for (index, band) in bands.enumerated() {
      if let noData { try dataset.setNoData(noData, band: index + 1) }
      try dataset.setDescription(band.name, band: index + 1)
      try dataset.setColorInterpretation(band.interpretation, band: index + 1)
    }
    for (index, band) in bands.enumerated() {
      try dataset.write(dataset.grid.window, band: index + 1, band.values.span)
    }
    try dataset.close()
    _ = try temporaries.commit()
  }
}

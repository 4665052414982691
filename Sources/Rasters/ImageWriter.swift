import Grids

/// Writes an image of several bands as a tiled GeoTIFF, which appears under its name whole or not at all.
public struct ImageWriter: Sendable {
  /// One band, with what the file says of it.
  public struct Band: Sendable {
    public var name: String
    public var interpretation: ColorInterpretation
    /// `[row, column]`, whole numbers that the type can hold.
    public var values: [Float]

    public init(name: String, interpretation: ColorInterpretation, values: [Float]) {
      (self.name, self.interpretation, self.values) = (name, interpretation, values)
    }
  }

  public let width: Int
  public let height: Int
  /// GDAL's name of the samples' type, such as "UInt16".
  public let type: String
  public var georeferencing = Georeferencing()
  /// The value that stands for no value, in all bands.
  public var noData: Double?
  public var metadata: [String: String] = [:]

  public init(width: Int, height: Int, type: String) {
    (self.width, self.height, self.type) = (width, height, type)
  }

  /// Writes all bands, the first as number 1.
  ///
  /// - Throws: `.cannotCreate` when the path exists and may not be overwritten or its directory isn't writable, `.io`
  ///   when writing fails.
  public func write(_ bands: [Band], to path: String, overwrite: Bool = false) throws(RasterError) {
    precondition(
      !bands.isEmpty && bands.allSatisfy { $0.values.count == width * height },
      "an image has bands of \(width) × \(height) pixels")
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

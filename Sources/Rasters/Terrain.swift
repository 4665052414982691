import CGDAL

/// Terrain products computed by GDAL's algorithms (`gdaldem`).
public enum Terrain {
  /// Writes the hillshade of a height raster as a GeoTIFF with values from 1 to 255, and 0 for nodata.
  ///
  /// Heights times `zFactor` and map units times `scale` must have the same unit: for degrees and meters, the scale is
  /// about 111 320. The azimuth and altitude of the light are in degrees, from north and above the horizon.
  ///
  /// - Throws: `.badData` if the band cannot be read, `.io` if writing fails, `.cancelled` if `progress`, called with 0
  ///   to 1, returns false.
  public static func hillshade(
    of path: String, band: Int = 1, to output: String, zFactor: Double = 1, scale: Double = 1,
    azimuth: Double = 315, altitude: Double = 45, overwrite: Bool = false,
    progress: (Double) -> Bool = { _ in true }
  ) throws(RasterError) {
    let dataset = try Dataset(reading: path)
    guard dataset.bands.indices.contains(band - 1) else {
      throw RasterError(
        .usage, "\(path) has no band \(band): it has bands 1 to \(dataset.bands.count)")
    }
    let temporaries = try Temporaries(forResult: output, overwrite: overwrite)
    let shaded = try hillshade(
      of: dataset, to: temporaries.output,
      arguments: [
        "-b", "\(band)", "-z", "\(zFactor)", "-s", "\(scale)", "-az", "\(azimuth)",
        "-alt", "\(altitude)", "-of", "GTiff", "-co", "TILED=YES", "-co", "COMPRESS=DEFLATE",
        "-co", "PREDICTOR=2", "-co", "BIGTIFF=IF_SAFER",
      ], progress: progress)
    try shaded.close()
    _ = try temporaries.commit()
  }

  /// Runs `gdaldem hillshade -compute_edges` with further arguments.
  static func hillshade(
    of dataset: borrowing Dataset, to output: String, arguments: [String],
    progress: (Double) -> Bool = { _ in true }
  ) throws(RasterError) -> Dataset {
    let words = StringList(["-compute_edges"] + arguments)
    guard let options = GDALDEMProcessingOptionsNew(words.pointer, nil) else {
      preconditionFailure("gdaldem rejected its options \(arguments)")
    }
    defer { GDALDEMProcessingOptionsFree(options) }
    let pointer = dataset.handle.pointer
    let handle = try gdalDataset(output, progress: progress) { function, data in
      GDALDEMProcessingOptionsSetProgress(options, function, data)
      return GDALDEMProcessing(output, pointer, "hillshade", nil, options, nil)
    }
    return try Dataset(owning: handle, path: output)
  }
}

import CGDAL

/// Brings rasters onto the grids of others, by GDAL's warper.
public enum Warp {
  /// How a pixel is made of those that it covers or lies between.
  public enum Resampling: String, Sendable, CaseIterable {
    case nearest = "near"
    case bilinear
    case cubic
    /// The mean of all pixels that it covers: for grids that are coarser than the raster.
    case average
  }

  /// Writes one band of a raster on the grid of another: a GeoTIFF of Float32, NaN where the raster has no value.
  ///
  /// The grids may have any CRS and lie any way. Places are exact to a hundredth of a pixel. Of a raster with overviews
  /// the full pixels are taken.
  ///
  /// - Parameters:
  ///   - source: Which raster.
  ///   - band: From 1.
  ///   - target: Whose grid.
  ///   - resampling: How.
  ///   - output: The file; one of that name is overwritten.
  ///   - progress: Called with 0…1; false ends it.
  /// - Throws: `.usage` without such a band, `.badData` where one of the two does not say where it lies, or only one
  ///   names a CRS, `.cancelled`, `.io` when writing fails.
  public static func write(
    _ source: borrowing Dataset, band: Int = 1, onto target: borrowing Dataset,
    by resampling: Resampling, to output: String, progress: (Double) -> Bool = { _ in true }
  ) throws(RasterError) {
    guard source.bands.indices.contains(band - 1) else {
      throw RasterError(
        .usage, "\(source.path) has no band \(band): it has 1 to \(source.bands.count)")
    }
    try requirePlaces(of: source.georeferencing, source.path)
    try requirePlaces(of: target.georeferencing, target.path)
    guard (source.georeferencing.crs == nil) == (target.georeferencing.crs == nil) else {
      let bare = source.georeferencing.crs == nil ? source.path : target.path
      throw RasterError(.badData, "\(bare) names no CRS, and the other raster does")
    }
    var result = try Dataset(
      creating: output, width: target.width, height: target.height, bands: 1,
      options: ["TILED": "YES", "BIGTIFF": "IF_SAFER", "SPARSE_OK": "TRUE"])
    try result.setGeoreferencing(
      Georeferencing(
        geoTransform: target.georeferencing.geoTransform, crs: target.georeferencing.crs))
    try result.setNoData(.nan, band: 1)
    let single = try self.single(band, of: source)
    // Without a scale GDAL widens its kernels by the ratio of the pixels, and a plane is none any more.
    let scale = resampling == .average ? [] : ["-wo", "XSCALE=1", "-wo", "YSCALE=1"]
    let words = StringList(
      [
        "-r", resampling.rawValue, "-et", "0.01", "-ovr", "NONE", "-wo", "INIT_DEST=NO_DATA",
        "-wo", "UNIFIED_SRC_NODATA=YES", "-wm", "64",
      ] + scale)
    guard let options = GDALWarpAppOptionsNew(words.pointer, nil) else {
      preconditionFailure("gdalwarp does not understand its options")
    }
    defer { GDALWarpAppOptionsFree(options) }
    let destination = result.handle.pointer
    var sources: [GDALDatasetH?] = [single.pointer]
    try gdalFilling(output, progress: progress) { function, data in
      GDALWarpAppOptionsSetProgress(options, function, data)
      return GDALWarp(nil, destination, 1, &sources, options, nil)
    }
    try result.close()
  }

  /// One band of a raster as a raster of its own, which holds the other open.
  private static func single(
    _ band: Int, of source: borrowing Dataset
  ) throws(RasterError) -> DatasetHandle {
    let words = StringList(["-b", "\(band)", "-of", "VRT"])
    guard let options = GDALTranslateOptionsNew(words.pointer, nil) else {
      preconditionFailure("gdal_translate does not understand its options")
    }
    defer { GDALTranslateOptionsFree(options) }
    let pointer = source.handle.pointer
    return DatasetHandle(
      pointer: try gdal(.reading, source.path) { GDALTranslate("", pointer, options, nil) })
  }

  private static func requirePlaces(
    of georeferencing: Georeferencing, _ path: String
  ) throws(RasterError) {
    guard georeferencing.geoTransform != nil else {
      throw RasterError(
        .badData,
        "\(path) has no geotransform, so nothing says where its pixels lie on another grid")
    }
  }
}

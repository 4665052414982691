import CGDAL
public import Grids

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

  /// Writes one band of a raster on another grid: a GeoTIFF of Float32, NaN where the raster has no value.
  ///
  /// The grids may have any CRS and lie any way. Places are exact to a hundredth of a pixel. Of a raster with overviews
  /// the full pixels are taken. Samples are as stored, and the band's scale, offset and unit are handed on.
  ///
  /// - Parameters:
  ///   - source: Which raster.
  ///   - band: From 1.
  ///   - grid: Which grid, with a geotransform.
  ///   - crs: The system of that geotransform; nil where it names none, as the raster must not either then.
  ///   - resampling: How.
  ///   - output: The file; one of that name is overwritten.
  ///   - progress: Called with 0…1; false ends it.
  /// - Throws: `.usage` without such a band, `.badData` where one of the two does not say where it lies, or only one
  ///   names a CRS, `.cancelled`, `.io` when writing fails.
  public static func write(
    _ source: borrowing Dataset, band: Int = 1, onto grid: Grid, crs: CRS?,
    by resampling: Resampling, to output: String, progress: (Double) -> Bool = { _ in true }
  ) throws(RasterError) {
    guard source.bands.indices.contains(band - 1) else {
      throw RasterError(
        .usage, "\(source.path) has no band \(band): it has 1 to \(source.bands.count)")
    }
    guard source.georeferencing.geoTransform != nil, grid.geoTransform != nil else {
      let bare = source.georeferencing.geoTransform == nil ? source.path : "the other raster"
      throw RasterError(
        .badData,
        "\(bare) has no geotransform, so nothing says where its pixels lie on another grid: gdal_translate -a_ullr and -a_srs say it"
      )
    }
    guard (source.georeferencing.crs == nil) == (crs == nil) else {
      throw RasterError(
        .badData,
        source.georeferencing.crs == nil
          ? "\(source.path) names no CRS, and the other raster does: gdal_edit.py -a_srs EPSG:… gives it one"
          : "\(source.path) names a CRS, and the other raster does not: gdal_edit.py -a_srs EPSG:… gives it one"
      )
    }
    var result = try Dataset(
      creating: output, width: grid.width, height: grid.height, bands: 1,
      options: ["TILED": "YES", "BIGTIFF": "IF_SAFER", "SPARSE_OK": "TRUE"])
    try result.setGeoreferencing(
      Georeferencing(geoTransform: grid.geoTransform, crs: crs))
    try result.setNoData(.nan, band: 1)
    let stored = source.bands[band - 1]
    if stored.scale != 1 || stored.offset != 0 {
      try result.setScale(stored.scale, offset: stored.offset, band: 1)
    }
    if !stored.unit.isEmpty { try result.setUnit(stored.unit, band: 1) }
    let single = try self.single(band, of: source)
    // Without a scale GDAL widens its kernels by the ratio of the pixels, and a plane is none any more.
    let scale = resampling == .average ? [] : ["-wo", "XSCALE=1", "-wo", "YSCALE=1"]
    // The source's own CRS may come with an axis order of its own, beside a geotransform of x and y.
    let system = source.georeferencing.crs.map { ["-s_srs", $0.wkt] } ?? []
    let words = StringList(
      [
        "-r", resampling.rawValue, "-et", "0.01", "-ovr", "NONE", "-wo", "INIT_DEST=NO_DATA",
        "-wo", "UNIFIED_SRC_NODATA=YES", "-wm", "64",
      ] + system + scale)
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

  /// The same onto the grid of another raster.
  public static func write(
    _ source: borrowing Dataset, band: Int = 1, onto target: borrowing Dataset,
    by resampling: Resampling, to output: String, progress: (Double) -> Bool = { _ in true }
  ) throws(RasterError) {
    guard target.georeferencing.geoTransform != nil else {
      throw RasterError(
        .badData,
        "\(target.path) has no geotransform, so nothing can be brought onto its grid: gdal_translate -a_ullr gives it one"
      )
    }
    try write(
      source, band: band, onto: target.grid, crs: target.georeferencing.crs, by: resampling,
      to: output, progress: progress)
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
}

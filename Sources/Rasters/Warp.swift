import CGDAL
public import Grids
import Synchronization

/// Resamples rasters to other grids with GDAL's warper.
public enum Warp {
  /// The resampling method.
  public enum Resampling: String, Sendable, CaseIterable {
    /// The nearest pixel.
    case nearest = "near"
    /// Bilinear interpolation.
    case bilinear
    /// Cubic interpolation.
    case cubic
    /// The mean of all pixels that a target pixel covers, for grids that are coarser than the raster.
    case average
  }

  /// Writes one band of a raster on another grid as a Float32 GeoTIFF, with NaN for nodata.
  ///
  /// The grids may have any CRS and orientation. Positions are accurate to a hundredth of a pixel. Overviews of the
  /// source are not used. Samples are as stored; the band's scale, offset and unit are copied.
  ///
  /// - Parameters:
  ///   - source: The source raster.
  ///   - band: The band number, from 1.
  ///   - grid: The target grid, with a geotransform.
  ///   - crs: The CRS of the target grid; nil for none, in which case the source must not have one either.
  ///   - resampling: The resampling method.
  ///   - output: The path of the output; an existing file is overwritten.
  ///   - progress: Called with 0…1; returns false to cancel.
  /// - Throws: `.usage` if there is no such band, `.badData` if either grid has no geotransform or only one has a CRS,
  ///   `.cancelled`, `.io` if writing fails.
  public static func write(
    _ source: borrowing Dataset, band: Int = 1, onto grid: Grid, crs: CRS?,
    by resampling: Resampling, to output: String, progress: (Double) -> Bool = { _ in true }
  ) throws(RasterError) {
    guard source.bands.indices.contains(band - 1) else {
      throw RasterError(
        .usage, "\(source.path) has no band \(band): it has bands 1 to \(source.bands.count)")
    }
    guard source.georeferencing.geoTransform != nil, grid.geoTransform != nil else {
      let bare = source.georeferencing.geoTransform == nil ? source.path : "the other raster"
      throw RasterError(
        .badData,
        "\(bare) has no geotransform and cannot be resampled to another grid: "
          + "set one with gdal_translate -a_ullr and -a_srs"
      )
    }
    guard (source.georeferencing.crs == nil) == (crs == nil) else {
      throw RasterError(
        .badData,
        source.georeferencing.crs == nil
          ? "\(source.path) has no CRS, but the other raster has one: set it with gdal_edit.py -a_srs EPSG:…"
          : "\(source.path) has a CRS, but the other raster has none: set it with gdal_edit.py -a_srs EPSG:…"
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
    // Without a scale, GDAL widens its kernels by the ratio of the pixel sizes, and a plane does not remain a plane.
    let scale = resampling == .average ? [] : ["-wo", "XSCALE=1", "-wo", "YSCALE=1"]
    // The source's own CRS may have another axis order than the x and y of its geotransform.
    // Without its vertical part, GDAL does not change heights.
    let system =
      try source.georeferencing.crs.map { crs throws(RasterError) in
        ["-s_srs", try crs.horizontal.wkt]
      } ?? []
    let words = StringList(
      [
        "-r", resampling.rawValue, "-et", "0.01", "-ovr", "NONE", "-wo", "INIT_DEST=NO_DATA",
        "-wo", "UNIFIED_SRC_NODATA=YES", "-wm", "64",
      ] + system + scale)
    guard let options = GDALWarpAppOptionsNew(words.pointer, nil) else {
      preconditionFailure("gdalwarp rejected its options")
    }
    defer { GDALWarpAppOptionsFree(options) }
    let destination = result.handle.pointer
    var sources: [GDALDatasetH?] = [single.pointer]
    try gdalUpdate(output, progress: progress) { function, data in
      GDALWarpAppOptionsSetProgress(options, function, data)
      return GDALWarp(nil, destination, 1, &sources, options, nil)
    }
    try result.close()
  }

  /// Returns one band of a raster on another grid, `[row, column]`, NaN where there is no value.
  ///
  /// Positions, samples and errors are as for `write`.
  public static func values(
    _ source: borrowing Dataset, band: Int = 1, onto grid: Grid, crs: CRS?,
    by resampling: Resampling
  ) throws(RasterError) -> [Float] {
    let path = "/vsimem/relief-warp-\(counter.add(1, ordering: .relaxed).newValue).tif"
    defer { VSIUnlink(path) }
    try write(source, band: band, onto: grid, crs: crs, by: resampling, to: path)
    return try Dataset(reading: path).read(grid.window, band: 1)
  }

  private static let counter = Atomic(0)

  /// Writes one band of a raster on the grid of another raster.
  public static func write(
    _ source: borrowing Dataset, band: Int = 1, onto target: borrowing Dataset,
    by resampling: Resampling, to output: String, progress: (Double) -> Bool = { _ in true }
  ) throws(RasterError) {
    guard target.georeferencing.geoTransform != nil else {
      throw RasterError(
        .badData,
        "\(target.path) has no geotransform, so no raster can be resampled to its grid: "
          + "set one with gdal_translate -a_ullr"
      )
    }
    try write(
      source, band: band, onto: target.grid, crs: target.georeferencing.crs, by: resampling,
      to: output, progress: progress)
  }

  /// Returns one band of a raster as a raster of its own, which keeps the source open.
  private static func single(
    _ band: Int, of source: borrowing Dataset
  ) throws(RasterError) -> DatasetHandle {
    let words = StringList(["-b", "\(band)", "-of", "VRT"])
    guard let options = GDALTranslateOptionsNew(words.pointer, nil) else {
      preconditionFailure("gdal_translate rejected its options")
    }
    defer { GDALTranslateOptionsFree(options) }
    let pointer = source.handle.pointer
    return DatasetHandle(
      pointer: try gdal(.reading, source.path) { GDALTranslate("", pointer, options, nil) })
  }
}

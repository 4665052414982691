import CGDAL
public import Grids

/// Making rasters directly: for samples, scratch files and tests. Results go through `RasterWriter`.
extension Dataset {
  /// Creates a raster; a file of that name is overwritten.
  ///
  /// The type is GDAL's name of it, such as "Byte" or "CFloat32", and the options are the driver's creation options,
  /// such as `["TILED": "YES"]`.
  ///
  /// - Throws: `.usage` when there is no such driver or type, `.cannotCreate` when GDAL can't begin.
  public init(
    creating path: String, driver: String = "GTiff", width: Int, height: Int, bands: Int,
    type: String = "Float32", options: [String: String] = [:]
  ) throws(RasterError) {
    GDAL.register()
    guard let gdalDriver = GDALGetDriverByName(driver) else {
      throw RasterError(.usage, "GDAL has no driver called \"\(driver)\"")
    }
    let gdalType = GDALGetDataTypeByName(type)
    guard gdalType != GDT_Unknown else {
      throw RasterError(.usage, "GDAL has no sample type called \"\(type)\"")
    }
    let list = StringList(options)
    let name = driver == "GTiff" ? GuardedFiles.name(path) : path
    let pointer = try gdal(.creating, path) {
      GDALCreate(
        gdalDriver, name, Int32(width), Int32(height), Int32(bands), gdalType, list.pointer)
    }
    try self.init(owning: DatasetHandle(pointer: pointer), path: path)
  }

  /// Writes samples, `[row, column]`, into one band of a window.
  ///
  /// GDAL rounds and clamps them to the band's type.
  public mutating func write(_ window: Window, band: Int, _ values: Span<Float>)
    throws(RasterError)
  {
    let target = gdalBand(band)
    try write(window, to: target, values)
  }

  /// Writes the mask of the whole dataset in a window, `[row, column]`, and creates it if need be.
  public mutating func writeMask(_ window: Window, _ isValid: [Bool]) throws(RasterError) {
    if bands[0].maskKind != .perDataset {
      let (pointer, path) = (handle.pointer, path)
      try gdal(.writing, "\(path): mask") {
        GDALCreateDatasetMaskBand(pointer, GMF_PER_DATASET)
      }
      refresh()
    }
    let mask: [Float] = isValid.map { $0 ? 255 : 0 }
    try write(window, to: GDALGetMaskBand(gdalBand(1)), mask.span)
  }

  private mutating func write(_ window: Window, to band: GDALRasterBandH, _ values: Span<Float>)
    throws(RasterError)
  {
    requireInside(window)
    precondition(values.count == window.pixelCount, "one value for each pixel")
    guard !window.isEmpty else { return }
    try values.withUnsafeBufferPointer { values throws(RasterError) in
      try gdal(.writing, "\(path): window \(window)") {
        GDALRasterIOEx(
          band, GF_Write, Int32(window.column), Int32(window.row), Int32(window.width),
          Int32(window.height), UnsafeMutableRawPointer(mutating: values.baseAddress),
          Int32(window.width), Int32(window.height), GDT_Float32, 0, 0, nil)
      }
    }
  }

  /// Says where the pixels lie; control points only where there is no geotransform.
  public mutating func setGeoreferencing(_ georeferencing: Georeferencing) throws(RasterError) {
    try georeferencing.apply(to: handle.pointer, path: path)
    self.georeferencing = try Georeferencing(handle.pointer)
  }

  /// Declares a value that stands for no value; a GeoTIFF has one for all its bands.
  public mutating func setNoData(_ value: Double, band: Int) throws(RasterError) {
    try set(band, "nodata") { GDALSetRasterNoDataValue($0, value) }
  }

  /// Names the unit of a band, such as "m".
  public mutating func setUnit(_ unit: String, band: Int) throws(RasterError) {
    try set(band, "unit") { GDALSetRasterUnitType($0, unit) }
  }

  /// Says how samples become values: value = sample · scale + offset.
  public mutating func setScale(_ scale: Double, offset: Double, band: Int) throws(RasterError) {
    try set(band, "scale") { GDALSetRasterScale($0, scale) }
    try set(band, "offset") { GDALSetRasterOffset($0, offset) }
  }

  /// Says what a band stands for.
  public mutating func setColorInterpretation(_ value: ColorInterpretation, band: Int)
    throws(RasterError)
  {
    try set(band, "colour interpretation") { GDALSetRasterColorInterpretation($0, value.gdalValue) }
  }

  /// Names a band.
  public mutating func setDescription(_ description: String, band: Int) throws(RasterError) {
    try set(band, "description") {
      GDALSetDescription($0, description)
      return CE_None
    }
  }

  /// Replaces one domain of the dataset's metadata, or of a band's; nil is the default domain.
  public mutating func setMetadata(
    _ metadata: [String: String], domain: String? = nil, band: Int? = nil
  ) throws(RasterError) {
    let list = StringList(metadata)
    let target: UnsafeMutableRawPointer = if let band { gdalBand(band) } else { handle.pointer }
    try gdal(.writing, "\(path): metadata") { GDALSetMetadata(target, list.pointer, domain) }
    refresh()
  }

  /// Builds overviews, each so many times smaller than the dataset.
  public mutating func buildOverviews(_ factors: [Int], resampling: String = "AVERAGE")
    throws(RasterError)
  {
    var levels = factors.map(Int32.init)
    try gdal(.writing, "\(path): overviews") {
      GDALBuildOverviews(
        handle.pointer, resampling, Int32(levels.count), &levels, 0, nil, nil, nil)
    }
    refresh()
  }

  /// Writes what GDAL still holds in memory; on a full disk it may be here that it first says so.
  public mutating func flush() throws(RasterError) {
    try gdal(.writing, path) { () -> CPLErr in
      GDALFlushCache(handle.pointer)
      return CE_None
    }
  }

  mutating func set(
    _ number: Int, _ what: String, _ body: (GDALRasterBandH) -> CPLErr
  ) throws(RasterError) {
    let band = gdalBand(number)
    try gdal(.writing, "\(path): \(what) of band \(number)") { body(band) }
    refresh()
  }

  private mutating func refresh() { bands = Dataset.bands(of: handle.pointer) }

  borrowing func gdalBand(_ number: Int) -> GDALRasterBandH {
    precondition(bands.indices.contains(number - 1), "\(path) has no band \(number)")
    return GDALGetRasterBand(handle.pointer, Int32(number))
  }
}

import CGDAL
public import Grids

/// Creates and modifies rasters directly, for samples, scratch files and tests; outputs go through `RasterWriter`.
extension Dataset {
  /// Creates a raster; an existing file is overwritten.
  ///
  /// The type is GDAL's type name, such as "Byte" or "CFloat32". The options are the driver's creation options, such as
  /// `["TILED": "YES"]`.
  ///
  /// - Throws: `.usage` if there is no such driver or type, `.cannotCreate` if GDAL cannot create the raster.
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

  /// Writes samples, `[row, column]`, to a window of one band.
  ///
  /// GDAL rounds and clamps the samples to the band's type.
  public mutating func write(_ window: Window, band: Int, _ values: Span<Float>)
    throws(RasterError)
  {
    let target = gdalBand(band)
    try write(window, to: target, values)
  }

  /// Writes a window, `[row, column]`, of the dataset's mask, which is created if necessary.
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

  /// Sets the georeferencing; ground control points are written only if there is no geotransform.
  public mutating func setGeoreferencing(_ georeferencing: Georeferencing) throws(RasterError) {
    try georeferencing.apply(to: handle.pointer, path: path)
    self.georeferencing = try Georeferencing(handle.pointer)
  }

  /// Sets the nodata value of a band; a GeoTIFF has a single one for all bands.
  public mutating func setNoData(_ value: Double, band: Int) throws(RasterError) {
    try set(band, "nodata") { GDALSetRasterNoDataValue($0, value) }
  }

  /// Sets the unit of a band, such as "m".
  public mutating func setUnit(_ unit: String, band: Int) throws(RasterError) {
    try set(band, "unit") { GDALSetRasterUnitType($0, unit) }
  }

  /// Sets the scale and offset of a band: value = sample · scale + offset.
  public mutating func setScale(_ scale: Double, offset: Double, band: Int) throws(RasterError) {
    try set(band, "scale") { GDALSetRasterScale($0, scale) }
    try set(band, "offset") { GDALSetRasterOffset($0, offset) }
  }

  /// Sets the color interpretation of a band.
  public mutating func setColorInterpretation(_ value: ColorInterpretation, band: Int)
    throws(RasterError)
  {
    try set(band, "color interpretation") { GDALSetRasterColorInterpretation($0, value.gdalValue) }
  }

  /// Sets the name of a band.
  public mutating func setDescription(_ description: String, band: Int) throws(RasterError) {
    try set(band, "description") {
      GDALSetDescription($0, description)
      return CE_None
    }
  }

  /// Replaces a metadata domain of the dataset, or of a band; nil is the default domain.
  public mutating func setMetadata(
    _ metadata: [String: String], domain: String? = nil, band: Int? = nil
  ) throws(RasterError) {
    let list = StringList(metadata)
    let target: UnsafeMutableRawPointer = if let band { gdalBand(band) } else { handle.pointer }
    try gdal(.writing, "\(path): metadata") { GDALSetMetadata(target, list.pointer, domain) }
    refresh()
  }

  /// Builds overviews with the given reduction factors.
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

  /// Writes the data that GDAL still holds in memory; GDAL may report a full disk only here.
  public mutating func flush() throws(RasterError) {
    try gdal(.writing, path) { () -> CPLErr in
      GDALFlushCache(handle.pointer)
      return CE_None
    }
  }

  /// Runs a GDAL call that changes a property of a band.
  mutating func set(
    _ number: Int, _ what: String, _ body: (GDALRasterBandH) -> CPLErr
  ) throws(RasterError) {
    let band = gdalBand(number)
    try gdal(.writing, "\(path): \(what) of band \(number)") { body(band) }
    refresh()
  }

  private mutating func refresh() { bands = Dataset.bands(of: handle.pointer) }

  /// Returns GDAL's handle of a band.
  borrowing func gdalBand(_ number: Int) -> GDALRasterBandH {
    precondition(bands.indices.contains(number - 1), "\(path) has no band \(number)")
    return GDALGetRasterBand(handle.pointer, Int32(number))
  }
}

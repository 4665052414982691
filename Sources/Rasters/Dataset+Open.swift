import CGDAL

extension Dataset {
  /// Opens for reading anything that GDAL can open: a file, `/vsicurl/…`, `/vsizip/…`, a VRT's XML, a service.
  ///
  /// - Parameters:
  ///   - path: GDAL's name of the dataset, which need not be the path of a file.
  ///   - subdataset: One raster of a container (NetCDF, HDF): its name, its number from 1, or GDAL's full string.
  ///   - openOptions: Options of the driver, like `-oo` on GDAL's command line.
  /// - Throws: `.noInput` if there is nothing to open, `.badData` if GDAL cannot read it or it has no bands, `.usage`
  ///   if the container has no such subdataset, `.missingResource` without PROJ's database.
  public init(reading path: String, subdataset: String? = nil, openOptions: [String: String] = [:])
    throws(RasterError)
  {
    GDAL.register()
    try GDAL.requireProjDatabase()
    var path = path
    if let subdataset {
      path = try Dataset.open(path, openOptions).subdataset(named: subdataset)
    }
    let dataset = try Dataset.open(path, openOptions)
    try dataset.requireBands()
    self = dataset
  }

  private static func open(_ path: String, _ options: [String: String]) throws(RasterError)
    -> Dataset
  {
    let list = StringList(options)
    let flags = UInt32(GDAL_OF_RASTER | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR)
    let (pointer, log) = logging { GDALOpenEx(path, flags, nil, list.constant, nil) }
    if let pointer {
      return try Dataset(
        owning: DatasetHandle(pointer: pointer), path: path,
        // Drivers that tried and gave up report failures; one succeeded, so these are warnings.
        warnings: log.failures.map(\.message) + log.warnings)
    }
    if let contents = ArchiveContents(path) {
      throw RasterError(
        .badData,
        "\(path) is not a raster but contains \(contents.count == 1 ? "one" : "\(contents.count) rasters"); "
          + "open one of them by its path, or build a mosaic of several with gdalbuildvrt:\n"
          + contents.listing)
    }
    let error = RasterError(.reading, path, log)
    throw RasterError(
      canRead(path) ? .badData : .noInput, error.message, earlier: error.earlier)
  }

  /// Returns whether a file of that name can be opened at all; called only after GDAL has refused it.
  private static func canRead(_ path: String) -> Bool {
    logging {
      guard let file = VSIFOpenL(path, "rb") else { return false }
      VSIFCloseL(file)
      return true
    }.value
  }

  private func requireBands() throws(RasterError) {
    guard bands.isEmpty else { return }
    let choices = subdatasets
    guard !choices.isEmpty else { throw RasterError(.badData, "\(path) has no raster bands") }
    throw RasterError(
      .badData,
      "\(path) has no raster bands of its own; choose one of its subdatasets with --subdataset:\n"
        + Dataset.listing(choices))
  }
}

import CGDAL

extension Dataset {
  /// Opens for reading whatever GDAL opens: a file, `/vsicurl/…`, `/vsizip/…`, a VRT's XML, a service.
  ///
  /// - Parameters:
  ///   - path: GDAL's name of the dataset. Whether a file of that name exists is for GDAL to find out.
  ///   - subdataset: one raster of a container (NetCDF, HDF): its name, its number from 1, or GDAL's full string.
  ///   - openOptions: for the driver, as `-oo` on GDAL's command line.
  /// - Throws: `.noInput` when there is nothing to open, `.badData` when GDAL can't read it or it has no band,
  ///   `.usage` when the subdataset isn't one of the container's, `.missingResource` without PROJ's database.
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
        // Drivers that tried and gave up speak of failures; one succeeded, so these are warnings.
        warnings: log.failures.map(\.message) + log.warnings)
    }
    if let contents = ArchiveContents(path) {
      throw RasterError(
        .badData,
        "\(path) holds \(contents.count == 1 ? "a raster" : "\(contents.count) rasters") and is none itself; "
          + "open one of them by its path, or make a mosaic of several (gdalbuildvrt):\n"
          + contents.listing)
    }
    let error = RasterError(.reading, path, log)
    throw RasterError(
      canRead(path) ? .badData : .noInput, error.message, earlier: error.earlier)
  }

  /// Whether a file of that name can be opened at all; asked only when GDAL has already refused it.
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

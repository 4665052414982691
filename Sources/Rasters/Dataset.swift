import CGDAL
public import Grids

/// A raster file (or anything else that GDAL can open), closed when its only owner releases it.
///
/// GDAL allows a dataset to move between threads, but not to be used from two threads at once. The type enforces this:
/// it cannot be copied, and because it is not `Sendable` it can be sent to another task but not shared. Tasks that read
/// concurrently each open the path themselves.
public struct Dataset: ~Copyable {
  let handle: DatasetHandle
  /// The name that GDAL opened: the path as given, or the full name of the chosen subdataset.
  public let path: String
  /// Number of columns.
  public let width: Int
  /// Number of rows.
  public let height: Int
  /// The properties of each band, in order; band 1 is at index 0.
  public internal(set) var bands: [Band]
  /// The georeferencing of the raster.
  public internal(set) var georeferencing: Georeferencing
  /// The short name of the driver that opened it, such as "GTiff".
  public let driver: String
  /// The warnings of GDAL while it opened the dataset.
  public let warnings: [String]

  init(owning handle: consuming DatasetHandle, path: String, warnings: [String] = [])
    throws(RasterError)
  {
    let pointer = handle.pointer
    self.path = path
    self.warnings = warnings
    width = Int(GDALGetRasterXSize(pointer))
    height = Int(GDALGetRasterYSize(pointer))
    driver = String(cString: GDALGetDriverShortName(GDALGetDatasetDriver(pointer)))
    bands = Dataset.bands(of: pointer)
    georeferencing = try Georeferencing(pointer)
    self.handle = handle
  }

  /// Reads the properties of all bands.
  static func bands(of pointer: GDALDatasetH) -> [Band] {
    let (bands, _) = logging {
      let product = pairs(GDALGetMetadata(pointer, nil))
      return (0..<Int(GDALGetRasterCount(pointer))).map {
        Band(GDALGetRasterBand(pointer, Int32($0 + 1)), number: $0 + 1, product: product)
      }
    }
    return bands
  }

  /// The size of the raster and its geotransform, if it has one.
  public var grid: Grid {
    Grid(width: width, height: height, geoTransform: georeferencing.geoTransform)
  }

  /// The files of the dataset, including sidecars, as far as the driver knows them.
  public var files: [String] {
    let list = GDALGetFileList(handle.pointer)
    defer { CSLDestroy(list) }
    return words(list)
  }

  /// Returns a domain of the dataset's metadata; nil is the default domain.
  public func metadata(domain: String? = nil) -> [String: String] {
    pairs(GDALGetMetadata(handle.pointer, domain))
  }

  /// Flushes and closes the dataset, and reports errors, which a `deinit` cannot.
  ///
  /// - Throws: `.io` with what GDAL reported; GDAL may report a full disk only here.
  public consuming func close() throws(RasterError) {
    try handle.close(path)
  }
}

/// The only owner of a GDAL dataset's handle.
struct DatasetHandle: ~Copyable {
  let pointer: GDALDatasetH

  deinit {
    // A deinitializer cannot report errors; code that writes calls `close()`.
    _ = logging { GDALClose(pointer) }
  }

  /// Closes the dataset and throws the errors that GDAL reports.
  consuming func close(_ path: String) throws(RasterError) {
    let pointer = self.pointer
    discard self
    // GDALClose returns no status before GDAL 3.7, so the reported errors decide.
    try gdal(.writing, path) { () -> CPLErr in
      GDALClose(pointer)
      return CE_None
    }
  }
}

import CGDAL
public import Grids

/// A raster file (or anything else that GDAL opens), closed when its one owner lets it go.
///
/// GDAL lets a dataset move between threads but not be used from two at once. The type says the same: it cannot
/// be copied, and as it is not `Sendable` it can be sent to another task but not shared. Tasks that read
/// at the same time open the path once each.
public struct Dataset: ~Copyable {
  let handle: DatasetHandle
  /// What GDAL opened: the path as given, or the full name of the subdataset chosen.
  public let path: String
  /// Columns.
  public let width: Int
  /// Rows.
  public let height: Int
  /// What the file says of each band, in order: number 1 is at index 0.
  public internal(set) var bands: [Band]
  /// Everything the file says about where its pixels lie.
  public internal(set) var georeferencing: Georeferencing
  /// The short name of the driver that opened it, such as "GTiff".
  public let driver: String
  /// What GDAL warned of while opening it.
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

  static func bands(of pointer: GDALDatasetH) -> [Band] {
    let (bands, _) = logging {
      let product = pairs(GDALGetMetadata(pointer, nil))
      return (0..<Int(GDALGetRasterCount(pointer))).map {
        Band(GDALGetRasterBand(pointer, Int32($0 + 1)), number: $0 + 1, product: product)
      }
    }
    return bands
  }

  /// The size, and where the pixels lie if the dataset has a geotransform.
  public var grid: Grid {
    Grid(width: width, height: height, geoTransform: georeferencing.geoTransform)
  }

  /// The files that make up the dataset, sidecars included, as far as the driver knows.
  public var files: [String] {
    let list = GDALGetFileList(handle.pointer)
    defer { CSLDestroy(list) }
    return words(list)
  }

  /// One domain of the dataset's metadata; nil is the default domain.
  public func metadata(domain: String? = nil) -> [String: String] {
    pairs(GDALGetMetadata(handle.pointer, domain))
  }

  /// Flushes and closes, and reports what went wrong, which a `deinit` cannot.
  ///
  /// - Throws: `.io` with what GDAL reported: on a full disk it may be here that it first does.
  public consuming func close() throws(RasterError) {
    try handle.close(path)
  }
}

/// The one owner of a GDAL dataset's handle.
struct DatasetHandle: ~Copyable {
  let pointer: GDALDatasetH

  deinit {
    // An error while closing what nobody closed has nobody to go to; who writes calls `close()`.
    _ = logging { GDALClose(pointer) }
  }

  consuming func close(_ path: String) throws(RasterError) {
    let pointer = self.pointer
    discard self
    // GDALClose answers nothing before GDAL 3.7, so its log is its answer.
    try gdal(.writing, path) { () -> CPLErr in
      GDALClose(pointer)
      return CE_None
    }
  }
}

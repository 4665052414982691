import CGDAL
import CPROJ

/// The GDAL and PROJ libraries of this process.
public enum GDAL {
  private static let registration: Void = {
    // Without PROJ's database, the COG driver reports an error for the CRS of each of its tiling schemes.
    _ = logging {
      GDALAllRegister()
      // The COG driver builds its option list on first use. If two threads ask at once, they may get an empty list:
      // options would not be checked, and Zstandard would seem missing.
      if let driver = GDALGetDriverByName("COG") {
        _ = GDALGetMetadataItem(driver, GDAL_DMD_CREATIONOPTIONLIST, nil)
      }
    }
  }()

  /// Registers GDAL's drivers once per process; every entry point into GDAL calls it first.
  static func register() { registration }

  /// GDAL's version, such as "3.6.2".
  public static var version: String { String(cString: GDALVersionInfo("RELEASE_NAME")) }

  /// PROJ's version, such as "9.1.1".
  public static var projVersion: String {
    var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
    OSRGetPROJVersion(&major, &minor, &patch)
    return "\(major).\(minor).\(patch)"
  }

  /// Returns whether GDAL has a driver with the given short name ("COG", "netCDF").
  public static func hasDriver(_ name: String) -> Bool {
    register()
    return GDALGetDriverByName(name) != nil
  }

  /// Size in bytes of GDAL's block cache for all datasets of the process.
  ///
  /// GDAL's default is 5 % of the machine's memory. A run needs no more than 128 MB, which the command `relief` sets.
  public static var cacheLimit: Int { Int(GDALGetCacheMax64()) }

  /// Sets the size of GDAL's block cache in bytes.
  public static func setCacheLimit(bytes: Int) {
    precondition(bytes >= 0, "the cache limit is \(bytes) bytes, expected at least 0")
    GDALSetCacheMax64(GIntBig(bytes))
  }

  /// Sets a GDAL configuration option for the process; nil unsets it.
  public static func configure(_ key: String, _ value: String?) {
    CPLSetConfigOption(key, value)
  }

  /// Returns the value of a configuration option, set by `configure` or in the environment.
  public static func configuration(_ key: String) -> String? {
    CPLGetConfigOption(key, nil).map { String(cString: $0) }
  }

  /// The directories that PROJ searches for its grids and its database, in order.
  public static var projSearchPaths: [String] {
    let list = OSRGetPROJSearchPaths()
    defer { CSLDestroy(list) }
    return words(list)
  }

  /// Whether PROJ may download grids.
  public static var isProjNetworkEnabled: Bool { OSRGetPROJEnableNetwork() != 0 }

  /// The path of PROJ's database, which is needed to resolve EPSG codes; nil if it is not found.
  public static var projDatabase: String? {
    withProjContext { context in
      proj_context_get_database_path(context).map { String(cString: $0) }
    }
  }

  private static let hasProjDatabase = projDatabase != nil

  /// Throws if PROJ's database is missing, because rasters would then seem to have no coordinate reference system.
  ///
  /// - Throws: `.missingResource` with the places where PROJ searches.
  static func requireProjDatabase() throws(RasterError) {
    guard !hasProjDatabase else { return }
    let settings = ["PROJ_LIB", "PROJ_DATA"].compactMap { (name: String) in
      getenv(name).map { "\(name) is \(String(cString: $0))" }
    }
    throw RasterError(
      .missingResource,
      "PROJ \(projVersion) finds no proj.db of its version and cannot resolve coordinate reference systems "
        + (settings.isEmpty
          ? "(it searched \(projSearchPaths.joined(separator: ", "))): install PROJ's data"
          : "(\(settings.joined(separator: ", "))): run unset PROJ_LIB PROJ_DATA"))
  }

  /// Returns whether PROJ has a grid available, such as `us_nga_egm08_25.tif` of EGM2008.
  ///
  /// Without the grid, a transformation that needs it silently does nothing unless ballpark transformations are
  /// disabled, as they are throughout this module.
  public static func hasProjGrid(_ name: String) -> Bool {
    withProjContext { context in
      var isAvailable: Int32 = 0
      let isKnown = proj_grid_get_info_from_database(
        context, name, nil, nil, nil, nil, nil, &isAvailable)
      return isKnown != 0 && isAvailable != 0
    }
  }

  /// Runs `body` with a PROJ context that has the search paths and network setting of GDAL's context.
  static func withProjContext<Value>(_ body: (OpaquePointer?) -> Value) -> Value {
    let context = makeProjContext()
    defer { proj_context_destroy(context) }
    return body(context)
  }

  /// Returns such a context, which the caller destroys.
  static func makeProjContext() -> OpaquePointer? {
    let context = proj_context_create()
    proj_log_level(context, PJ_LOG_NONE)
    let paths = OSRGetPROJSearchPaths()
    defer { CSLDestroy(paths) }
    var pointers = words(paths).map { UnsafePointer(strdup($0)) }
    defer { for pointer in pointers { free(UnsafeMutablePointer(mutating: pointer)) } }
    proj_context_set_search_paths(context, Int32(pointers.count), &pointers)
    proj_context_set_enable_network(context, OSRGetPROJEnableNetwork())
    return context
  }
}

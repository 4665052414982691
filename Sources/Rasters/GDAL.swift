import CGDAL
import CPROJ

/// The GDAL and PROJ that this process runs with.
public enum GDAL {
  private static let registration: Void = {
    // Without a database of PROJ the COG driver complains of the CRS of each of its tiling schemes.
    _ = logging {
      GDALAllRegister()
      // The COG driver composes its list of options when first asked, and two threads that ask at once may see
      // none: options would go unchecked, and Zstandard seem missing.
      if let driver = GDALGetDriverByName("COG") {
        _ = GDALGetMetadataItem(driver, GDAL_DMD_CREATIONOPTIONLIST, nil)
      }
    }
  }()

  /// Registers GDAL's drivers, once in a process; every way into GDAL begins with it.
  static func register() { registration }

  /// GDAL's version, as in "3.6.2".
  public static var version: String { String(cString: GDALVersionInfo("RELEASE_NAME")) }

  /// PROJ's version, as in "9.1.1".
  public static var projVersion: String {
    var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
    OSRGetPROJVersion(&major, &minor, &patch)
    return "\(major).\(minor).\(patch)"
  }

  /// Whether a driver is there, by its short name ("COG", "netCDF").
  public static func hasDriver(_ name: String) -> Bool {
    register()
    return GDALGetDriverByName(name) != nil
  }

  /// How many bytes of pixels GDAL keeps in memory for all datasets of the process.
  ///
  /// GDAL's own default is 5 % of the machine's memory.
  public static var cacheLimit: Int { Int(GDALGetCacheMax64()) }

  /// Sets that limit, in bytes.
  public static func setCacheLimit(bytes: Int) {
    precondition(bytes >= 0, "a cache cannot be smaller than nothing")
    GDALSetCacheMax64(GIntBig(bytes))
  }

  /// Sets one of GDAL's configuration options for the process; nil takes it back.
  public static func configure(_ key: String, _ value: String?) {
    CPLSetConfigOption(key, value)
  }

  /// The value of a configuration option, from `configure` or the environment.
  public static func configuration(_ key: String) -> String? {
    CPLGetConfigOption(key, nil).map { String(cString: $0) }
  }

  /// Where PROJ looks for its grids and its database, in order.
  public static var projSearchPaths: [String] {
    let list = OSRGetPROJSearchPaths()
    defer { CSLDestroy(list) }
    return words(list)
  }

  /// Whether PROJ may fetch grids from the network.
  public static var isProjNetworkEnabled: Bool { OSRGetPROJEnableNetwork() != 0 }

  /// The path of PROJ's database, without which no EPSG code means anything; nil when it is not found.
  public static var projDatabase: String? {
    withProjContext { context in
      proj_context_get_database_path(context).map { String(cString: $0) }
    }
  }

  private static let hasProjDatabase = projDatabase != nil

  /// Refuses to go on without PROJ's database: rasters would seem to have no coordinate reference system.
  ///
  /// - Throws: `.missingResource` saying where PROJ was told to look.
  static func requireProjDatabase() throws(RasterError) {
    guard !hasProjDatabase else { return }
    let settings = ["PROJ_LIB", "PROJ_DATA"].compactMap { (name: String) in
      getenv(name).map { "\(name) is \(String(cString: $0))" }
    }
    throw RasterError(
      .missingResource,
      "PROJ \(projVersion) finds no proj.db of its version, and without one no coordinate reference system is known "
        + (settings.isEmpty
          ? "(it looks in \(projSearchPaths.joined(separator: ", "))): install PROJ's data"
          : "(\(settings.joined(separator: ", "))): unset PROJ_LIB PROJ_DATA"))
  }

  /// Whether PROJ has a grid at hand, such as EGM2008's `us_nga_egm08_25.tif`.
  ///
  /// Where it has not, a transformation that wants the grid silently does nothing unless ballpark
  /// transformations are forbidden, as they are throughout this module.
  public static func hasProjGrid(_ name: String) -> Bool {
    withProjContext { context in
      var isAvailable: Int32 = 0
      let isKnown = proj_grid_get_info_from_database(
        context, name, nil, nil, nil, nil, nil, &isAvailable)
      return isKnown != 0 && isAvailable != 0
    }
  }

  /// Runs `body` with a PROJ context that sees what GDAL's sees.
  private static func withProjContext<Value>(_ body: (OpaquePointer?) -> Value) -> Value {
    let context = proj_context_create()
    defer { proj_context_destroy(context) }
    proj_log_level(context, PJ_LOG_NONE)
    let paths = OSRGetPROJSearchPaths()
    defer { CSLDestroy(paths) }
    var pointers = words(paths).map { UnsafePointer(strdup($0)) }
    defer { for pointer in pointers { free(UnsafeMutablePointer(mutating: pointer)) } }
    proj_context_set_search_paths(context, Int32(pointers.count), &pointers)
    proj_context_set_enable_network(context, OSRGetPROJEnableNetwork())
    return body(context)
  }
}

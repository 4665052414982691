import CGDAL

/// GDAL's settings that decide how rasters of ours are written and read back, held at GDAL's defaults in this thread.
///
/// Users and clusters set them for reading scenes; an output written under them would lose what is kept in a sidecar, or
/// lie half a pixel off for all who read it without them.
/// Source: https://gdal.org/user/configoptions.html and the pages of the GTiff driver and of PAM.
struct PinnedSettings {
  private static let defaults = [
    "GDAL_PAM_ENABLED": "YES", "ESRI_XML_PAM": "NO", "GDAL_DISABLE_READDIR_ON_OPEN": "NO",
    "GTIFF_POINT_GEO_IGNORE": "NO", "GTIFF_IGNORE_READ_ERRORS": "NO",
  ]
  private let former: [String: String?]

  init() {
    former = Self.defaults.mapValues { _ in nil }.merging(
      Self.defaults.keys.map { key in
        (key, CPLGetThreadLocalConfigOption(key, nil).map { String(cString: $0) })
      }
    ) { $1 }
    for (key, value) in Self.defaults { CPLSetThreadLocalConfigOption(key, value) }
  }

  func release() {
    for (key, value) in former { CPLSetThreadLocalConfigOption(key, value) }
  }
}

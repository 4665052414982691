import CGDAL

/// Pins GDAL settings that affect how outputs are written and read back to GDAL's defaults, in the current thread.
///
/// Users and clusters change these settings for reading scenes. An output that is written with them would lose what a
/// sidecar holds, or would be half a pixel off for readers without them.
/// Source: https://gdal.org/user/configoptions.html and the pages of the GTiff driver and of PAM.
struct PinnedSettings {
  private static let defaults = [
    "GDAL_PAM_ENABLED": "YES", "ESRI_XML_PAM": "NO", "GDAL_DISABLE_READDIR_ON_OPEN": "NO",
    "GTIFF_POINT_GEO_IGNORE": "NO", "GTIFF_IGNORE_READ_ERRORS": "NO",
  ]
  private let previous: [String: String?]

  /// Sets the defaults; the previous values are restored by `release`.
  init() {
    previous = Self.defaults.mapValues { _ in nil }.merging(
      Self.defaults.keys.map { key in
        (key, CPLGetThreadLocalConfigOption(key, nil).map { String(cString: $0) })
      }
    ) { $1 }
    for (key, value) in Self.defaults { CPLSetThreadLocalConfigOption(key, value) }
  }

  /// Restores the previous values.
  func release() {
    for (key, value) in previous { CPLSetThreadLocalConfigOption(key, value) }
  }
}

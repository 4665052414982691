import CGDAL

/// GDAL settings of the current thread for a while.
struct PinnedSettings {
  /// Settings that affect how outputs are written and read back, at GDAL's defaults.
  ///
  /// Users and clusters change these settings for reading scenes. An output that is written with them would lose what
  /// a sidecar holds, or would be half a pixel off for readers without them.
  /// Source: https://gdal.org/user/configoptions.html and the pages of the GTiff driver and of PAM.
  static let ofOutputs = [
    "GDAL_PAM_ENABLED": "YES", "ESRI_XML_PAM": "NO", "GDAL_DISABLE_READDIR_ON_OPEN": "NO",
    "GTIFF_POINT_GEO_IGNORE": "NO", "GTIFF_IGNORE_READ_ERRORS": "NO",
  ]
  private let previous: [String: String?]

  /// Changes settings; the previous values are restored by `release`.
  init(_ values: [String: String] = Self.ofOutputs) {
    previous = values.mapValues { _ in nil }.merging(
      values.keys.map { key in
        (key, CPLGetThreadLocalConfigOption(key, nil).map { String(cString: $0) })
      }
    ) { $1 }
    for (key, value) in values { CPLSetThreadLocalConfigOption(key, value) }
  }

  /// Restores the previous values.
  func release() {
    for (key, value) in previous { CPLSetThreadLocalConfigOption(key, value) }
  }
}

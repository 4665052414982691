import CGDAL

/// The rasters in an archive or a folder, for a message about a path that leads to several.
struct ArchiveContents {
  /// Paths that GDAL opens, in order; more than 20 are cut off.
  let paths: [String]
  let count: Int

  private static let endings = [
    ("/vsizip/", [".zip", ".kmz", ".safe.zip"]), ("/vsitar/", [".tar", ".tgz", ".tar.gz"]),
  ]
  private static let most = 20
  private static let mostLookedAt = 1000

  /// Nil where the path leads to no archive or folder, or none with a raster in it.
  init?(_ path: String) {
    guard let root = Self.root(of: path) else { return nil }
    let files = FileSystem.files(below: root).prefix(Self.mostLookedAt)
    let rasters = files.map { FileSystem.join(root, $0) }.filter(Self.isRaster)
    guard !rasters.isEmpty else { return nil }
    count = rasters.count
    paths = Array(rasters.prefix(Self.most))
  }

  /// The name of the folder that GDAL makes of an archive; a folder's own.
  private static func root(of path: String) -> String? {
    let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    if FileSystem.isDirectory(path) { return path }
    for (prefix, endings) in endings where endings.contains(where: path.lowercased().hasSuffix) {
      let root = path.hasPrefix("/vsi") && !path.hasPrefix("/vsicurl") ? path : prefix + path
      return FileSystem.isDirectory(root) ? root : nil
    }
    return nil
  }

  /// Whether some driver of rasters knows the file, by its beginning.
  private static func isRaster(_ path: String) -> Bool {
    // A band's metadata beside it, such as MTD_TL.xml or a .aux.xml, is no scene of its own.
    guard !path.hasSuffix(".aux.xml"), !path.hasSuffix(".ovr"), !path.hasSuffix(".msk") else {
      return false
    }
    return logging {
      GDALIdentifyDriverEx(path, UInt32(GDAL_OF_RASTER), nil, nil) != nil
    }.value
  }

  /// One path a line.
  var listing: String {
    (paths.map { "  \($0)" } + (count > paths.count ? ["  and \(count - paths.count) more"] : []))
      .joined(separator: "\n")
  }
}

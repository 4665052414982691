import CGDAL

/// The rasters in an archive or a folder, listed in the error about a path that is not itself a raster.
struct ArchiveContents {
  /// Paths that GDAL can open, those of the upper folders first, then by name; at most the first 20.
  let paths: [String]
  /// Number of rasters found.
  let count: Int
  /// Number of files that were not inspected.
  private let uninspected: Int

  private static let endings = [
    ("/vsizip/", [".zip", ".kmz", ".safe.zip"]), ("/vsitar/", [".tar", ".tgz", ".tar.gz"]),
  ]
  private static let maximumListed = 20
  private static let maximumInspected = 1000

  /// Finds the rasters in an archive or folder; nil if the path is neither, or if it contains no raster.
  init?(_ path: String) {
    guard let root = Self.root(of: path) else { return nil }
    // The file that describes a product as a whole is in its upper folder.
    let depth = { (file: String) in file.filter { $0 == "/" }.count }
    let files = FileSystem.files(below: root).sorted { (depth($0), $0) < (depth($1), $1) }
    let rasters = files.prefix(Self.maximumInspected).map { FileSystem.join(root, $0) }.filter(
      Self.isRaster)
    guard !rasters.isEmpty else { return nil }
    count = rasters.count
    uninspected = max(0, files.count - Self.maximumInspected)
    paths = Array(rasters.prefix(Self.maximumListed))
  }

  /// Returns the path of a folder, or the folder path under which GDAL shows the contents of an archive.
  private static func root(of path: String) -> String? {
    let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    if FileSystem.isDirectory(path) { return path }
    for (prefix, endings) in endings where endings.contains(where: path.lowercased().hasSuffix) {
      let root = path.hasPrefix("/vsi") && !path.hasPrefix("/vsicurl") ? path : prefix + path
      return FileSystem.isDirectory(root) ? root : nil
    }
    return nil
  }

  /// Returns whether a raster driver identifies the file by its first bytes.
  private static func isRaster(_ path: String) -> Bool {
    // Sidecars such as .aux.xml are not scenes of their own.
    guard !path.hasSuffix(".aux.xml"), !path.hasSuffix(".ovr"), !path.hasSuffix(".msk") else {
      return false
    }
    return logging {
      GDALIdentifyDriverEx(path, UInt32(GDAL_OF_RASTER), nil, nil) != nil
    }.value
  }

  /// The paths, one per line.
  var listing: String {
    var lines = paths.map { "  \($0)" }
    if count > paths.count { lines.append("  and \(count - paths.count) more") }
    if uninspected > 0 { lines.append("  and \(uninspected) files that were not inspected") }
    return lines.joined(separator: "\n")
  }
}

import CGDAL
import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Files as GDAL sees them, so that `/vsimem/` is as good a place as a disk.
enum FileSystem {
  static func exists(_ path: String) -> Bool { size(of: path) != nil }

  static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return cgdal_stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The size in bytes, or nil where there is nothing of that name.
  static func size(of path: String) -> Int? {
    var status = stat()
    return cgdal_stat(path, &status) == 0 ? Int(status.st_size) : nil
  }

  /// The files anywhere below a folder, by their names from there, sorted.
  static func files(below folder: String) -> [String] {
    let list = VSIReadDirRecursive(folder)
    defer { CSLDestroy(list) }
    return words(list).filter { !$0.hasSuffix("/") }.sorted()
  }

  /// The archive on a local disk that a path of `/vsizip/`, `/vsitar/` or `/vsigzip/` leads into.
  static func archive(around path: String) -> String? {
    guard let prefix = ["/vsizip/", "/vsitar/", "/vsigzip/"].first(where: path.hasPrefix) else {
      return nil
    }
    let inside = path.dropFirst(prefix.count).filter { $0 != "{" && $0 != "}" }
    var end = inside.startIndex
    while end < inside.endIndex {
      end = inside[inside.index(after: end)...].firstIndex(of: "/") ?? inside.endIndex
      let candidate = String(inside[..<end])
      if exists(candidate), !isDirectory(candidate) { return candidate }
    }
    return nil
  }

  static func directory(of path: String) -> String {
    let directory = String(cString: CPLGetDirname(path))
    return directory.isEmpty ? "." : directory
  }

  static func join(_ directory: String, _ name: String) -> String {
    directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
  }

  static func name(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  /// Free bytes where a directory lies, or nil where that can't be known.
  static func freeSpace(in directory: String) -> Int? {
    let bytes = VSIGetDiskFreeSpace(directory)
    return bytes < 0 ? nil : Int(bytes)
  }

  /// Removes a file; that there is none is as good.
  static func remove(_ path: String) { _ = logging { VSIUnlink(path) } }

  /// Removes every file in a directory whose name is such.
  static func removeFiles(in directory: String, where isSuch: (String) -> Bool) {
    let list = VSIReadDir(directory)
    defer { CSLDestroy(list) }
    for name in words(list) where isSuch(name) { remove(join(directory, name)) }
  }

  static func rename(_ source: String, to destination: String) throws(RasterError) {
    let (status, log) = logging { VSIRename(source, destination) }
    guard status == 0 else {
      throw RasterError(FileError(.rename, destination), earlier: log.failures.map(\.message))
    }
  }

  /// Waits until a file or directory of a local disk is on it; does nothing for GDAL's virtual ones.
  static func synchronize(_ path: String) throws(RasterError) {
    guard !path.hasPrefix("/vsi") else { return }
    do throws(FileError) { try NewFile.synchronize(path) } catch { throw RasterError(error) }
  }
}

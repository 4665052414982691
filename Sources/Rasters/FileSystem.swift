import CGDAL
import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// File operations through GDAL's virtual file systems, which also work in `/vsimem/`.
enum FileSystem {
  static func exists(_ path: String) -> Bool { size(of: path) != nil }

  static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return cgdal_stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Returns the size in bytes, or nil if the path does not exist.
  static func size(of path: String) -> Int? {
    var status = stat()
    return cgdal_stat(path, &status) == 0 ? Int(status.st_size) : nil
  }

  /// Returns the sorted relative paths of all files below a folder, at any depth.
  static func files(below folder: String) -> [String] {
    let list = VSIReadDirRecursive(folder)
    defer { CSLDestroy(list) }
    return words(list).filter { !$0.hasSuffix("/") }.sorted()
  }

  /// Returns the archive file that contains a `/vsizip/`, `/vsitar/` or `/vsigzip/` path; nil for other paths.
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

  /// Returns the free space in bytes of the file system that holds a directory, or nil if it is unknown.
  static func freeSpace(in directory: String) -> Int? {
    let bytes = VSIGetDiskFreeSpace(directory)
    return bytes < 0 ? nil : Int(bytes)
  }

  /// Removes a file; does nothing if it does not exist.
  static func remove(_ path: String) { _ = logging { VSIUnlink(path) } }

  /// Removes the files in a directory whose names satisfy a predicate.
  static func removeFiles(in directory: String, where isIncluded: (String) -> Bool) {
    let list = VSIReadDir(directory)
    defer { CSLDestroy(list) }
    for name in words(list) where isIncluded(name) { remove(join(directory, name)) }
  }

  static func rename(_ source: String, to destination: String) throws(RasterError) {
    let (status, log) = logging { VSIRename(source, destination) }
    guard status == 0 else {
      throw RasterError(FileError(.rename, destination), earlier: log.failures.map(\.message))
    }
  }

  /// Waits until a local file or directory is on disk; does nothing for GDAL's virtual paths.
  static func synchronize(_ path: String) throws(RasterError) {
    guard !path.hasPrefix("/vsi") else { return }
    do throws(FileError) { try NewFile.synchronize(path) } catch { throw RasterError(error) }
  }
}

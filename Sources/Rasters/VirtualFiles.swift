import CGDAL
import Glibc
public import Files

/// Whole files in a folder of GDAL's virtual file systems, such as `/vsis3/BUCKET/FOLDER` or `/vsimem/FOLDER`.
///
/// GDAL caches listings and file contents of remote systems. What it has cached about a file or a folder is dropped
/// before each use. Only `/vsimem/` has been tried.
public struct VirtualFiles: Sendable {
  /// The path of the folder, without a slash at its end.
  public let folder: String

  /// Describes a folder; changes nothing.
  ///
  /// - Parameter folder: A path that begins with `/vsi`.
  public init(_ folder: String) {
    self.folder = folder.hasSuffix("/") ? String(folder.dropLast()) : folder
  }

  /// Returns the names and sizes of the files in a subfolder, or of all files if `subfolder` is nil; empty if it does
  /// not exist.
  public func list(_ subfolder: String?) throws(FileError) -> [String: Int] {
    let path = subfolder.map { FileSystem.join(folder, $0) } ?? folder
    let (found, log) = logging { () -> [String: Int]? in
      // The slash limits this to what lies below the folder.
      VSICurlPartialClearCache(path + "/")
      VSICurlPartialClearCache(path)
      guard let directory = VSIOpenDir(path, subfolder == nil ? -1 : 0, nil) else { return nil }
      defer { VSICloseDir(directory) }
      var found: [String: Int] = [:]
      while let entry = VSIGetNextDirEntry(directory) {
        guard mode_t(entry.pointee.nMode) & S_IFMT != S_IFDIR, let name = entry.pointee.pszName
        else { continue }
        found[String(cString: name)] = Int(entry.pointee.nSize)
      }
      return found
    }
    if let failure = log.failures.last {
      throw FileError(.read, path, code: EIO, reason: failure.message)
    }
    return found ?? [:]
  }

  /// Returns the bytes of a file; nil if it does not exist.
  public func read(_ name: String) throws(FileError) -> [UInt8]? {
    let path = FileSystem.join(folder, name)
    let (bytes, log) = logging { () -> [UInt8]? in
      VSICurlPartialClearCache(path)
      guard let size = FileSystem.size(of: path), let file = VSIFOpenL(path, "rb") else {
        return nil
      }
      defer { VSIFCloseL(file) }
      var bytes = [UInt8](repeating: 0, count: size)
      guard VSIFReadL(&bytes, 1, size, file) == size else { return [] }
      return bytes
    }
    if let failure = log.failures.last {
      throw FileError(.read, path, code: EIO, reason: failure.message)
    }
    return bytes
  }

  /// Writes a file; replaces one of that name.
  public func write(_ bytes: RawSpan, to name: String) throws(FileError) {
    let path = FileSystem.join(folder, name)
    let (isWritten, log) = logging { () -> Bool in
      // In memory, unlike in an object store, only folders that were made are found by listing all files.
      if path.hasPrefix("/vsimem/") { VSIMkdirRecursive(FileSystem.directory(of: path), 0o777) }
      guard let file = VSIFOpenL(path, "wb") else { return false }
      let count = bytes.withUnsafeBytes { VSIFWriteL($0.baseAddress, 1, $0.count, file) }
      return VSIFCloseL(file) == 0 && count == bytes.byteCount
    }
    guard isWritten, log.failures.isEmpty else {
      throw FileError(
        .write, path, code: EIO, reason: log.failures.last?.message ?? "GDAL gave no reason")
    }
  }

  /// Removes a file if it exists.
  public func remove(_ name: String) throws(FileError) {
    let path = FileSystem.join(folder, name)
    let (status, log) = logging { VSIUnlink(path) }
    guard status != 0, FileSystem.exists(path) else { return }
    throw FileError(
      .remove, path, code: EIO, reason: log.failures.last?.message ?? "GDAL gave no reason")
  }
}

import CGDAL
import Glibc
public import Files

/// Whole files in a folder of GDAL's virtual file systems, such as `/vsis3/BUCKET/FOLDER` or `/vsimem/FOLDER`.
///
/// A file is missing only if the server says so; any other failure is an error. Nothing is read from GDAL's caches, and
/// nothing remains in them. Failures that may pass are repeated (`ObjectRequest`). Requests to S3:
///
/// | operation | requests |
/// |---|---|
/// | write up to 50 MB | PUT |
/// | read up to 10 MB | GET |
/// | list | one for each page of the server, which has 1000 files in S3 |
/// | remove a file | GET, DELETE |
/// | remove n files | one POST for 1000 files, and a listing |
public struct VirtualFiles: Sendable {
  /// The path of the folder, without a slash at its end.
  public let folder: String

  /// Describes a folder; changes nothing.
  ///
  /// - Parameter folder: A path that begins with `/vsi`.
  public init(_ folder: String) {
    self.folder = folder.hasSuffix("/") ? String(folder.dropLast()) : folder
  }

  /// Returns the names and sizes of the files in a subfolder, or of all files at any depth if `subfolder` is nil; empty
  /// if it does not exist.
  ///
  /// - Throws: `FileError` if any page of the listing cannot be read.
  public func list(_ subfolder: String?) throws(FileError) -> [String: Int] {
    let request = ObjectRequest(.read, subfolder.map { FileSystem.join(folder, $0) } ?? folder)
    return try request.run {
      // At any depth, because not all servers say where the next page of a single folder starts.
      let options = StringList(["CACHE_ENTRIES": "NO"])
      guard let directory = VSIOpenDir(request.path, -1, options.constant) else { return nil }
      defer { VSICloseDir(directory) }
      var found: [String: Int] = [:]
      while let entry = VSIGetNextDirEntry(directory) {
        guard mode_t(entry.pointee.nMode) & S_IFMT != S_IFDIR, let name = entry.pointee.pszName
        else { continue }
        found[String(cString: name)] = Int(entry.pointee.nSize)
      }
      return subfolder == nil ? found : found.filter { !$0.key.contains("/") }
    } whenFailed: {
      $0.isSuccess || !request.isRemote ? [:] : nil
    }
  }

  /// Returns the bytes of a file; nil if it does not exist.
  ///
  /// - Throws: `FileError` if the server says anything else, or sends fewer bytes than it promises.
  public func read(_ name: String) throws(FileError) -> [UInt8]? {
    let request = ObjectRequest(.read, FileSystem.join(folder, name))
    return try request.run { () -> [UInt8]?? in
      guard let file = VSIFOpenL(request.path, "rb") else { return nil }
      defer { VSIFCloseL(file) }
      guard VSIFSeekL(file, 0, SEEK_END) == 0 else { return nil }
      let size = Int(VSIFTellL(file))
      VSIRewindL(file)
      let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
        count = VSIFReadL(buffer.baseAddress, 1, size, file)
      }
      guard bytes.count == size else { return nil }
      return bytes
    } whenFailed: {
      $0.isMissingFile || !request.isRemote ? .some(nil) : nil
    }
  }

  /// Writes a file; replaces one of that name.
  public func write(_ bytes: RawSpan, to name: String) throws(FileError) {
    let request = ObjectRequest(.write, FileSystem.join(folder, name))
    let path = request.path
    try request.run { () -> Void? in
      // In memory, unlike in an object store, only folders that were made are found by listing all files.
      if !request.isRemote { VSIMkdirRecursive(FileSystem.directory(of: path), 0o777) }
      guard let file = VSIFOpenL(path, "wb") else { return nil }
      let count = bytes.withUnsafeBytes { VSIFWriteL($0.baseAddress, 1, $0.count, file) }
      return VSIFCloseL(file) == 0 && count == bytes.byteCount ? () : nil
    }
  }

  /// Removes a file if it exists.
  public func remove(_ name: String) throws(FileError) {
    let request = ObjectRequest(.remove, FileSystem.join(folder, name))
    try request.run {
      VSIUnlink(request.path) == 0 ? () : nil
    } whenFailed: {
      $0.isMissingFile || !request.isRemote && !FileSystem.exists(request.path) ? () : nil
    }
  }

  /// Removes those of some files that exist.
  public func remove(_ names: [String]) throws(FileError) {
    guard !names.isEmpty else { return }
    for start in stride(from: 0, to: names.count, by: 1000) {
      let paths = StringList(names[start...].prefix(1000).map { FileSystem.join(folder, $0) })
      // Not every server has this request, and not every one says what it removed: what is left is listed instead.
      _ = try? ObjectRequest(.remove, folder).run { VSIUnlinkBatch(paths.pointer) }
        .map { VSIFree($0) }
    }
    let left = try list(nil)
    for name in names where left[name] != nil { try remove(name) }
  }
}

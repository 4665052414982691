public import Files
import Foundation

/// A tile store in a local folder, which one process at a time can open for writing.
///
///     NAME.relief/run.lock                      locked by the active run
///     NAME.relief/plan.json                     and the other objects of `RunStore`
///
/// Objects are written by renaming, so an existing file is complete; names that begin with a dot are temporary files.
public final class FolderTileStore: TileStore {
  /// The path of the folder.
  public let location: String
  /// Nil when the store was opened read-only.
  private let lock: FolderLock?

  /// Opens or creates a folder, and locks it for writing; removes temporary files of processes that have ended.
  ///
  /// - Throws: `SceneError` if another run has locked the folder, or if it contains other files and no plan;
  ///   `FileError` if it cannot be created or read.
  public init(_ folder: String) throws {
    location = folder
    try Self.requireStore(folder)
    lock = try FolderLock(folder)
    try Self.requireStore(folder)
    try Self.removeLeftovers(in: folder)
  }

  /// Opens a folder read-only; changes nothing and takes no lock.
  public init(reading folder: String) {
    location = folder
    lock = nil
  }

  /// Returns the names of the regular files in a subfolder, and their sizes.
  public func list(_ folder: String) throws(FileError) -> [String: Int] {
    let path = location + "/" + folder
    guard let directory = opendir(path) else {
      guard [ENOENT, ENOTDIR].contains(errno) else { throw FileError(.read, path) }
      return [:]
    }
    defer { closedir(directory) }
    var found: [String: Int] = [:]
    while true {
      errno = 0
      guard let entry = readdir(directory) else {
        guard errno == 0 else { throw FileError(.read, path) }
        return found
      }
      try withUnsafePointer(to: &entry.pointee.d_name.0) { name throws(FileError) in
        var status = stat()
        // A file that was removed since then is not there.
        guard name.pointee != UInt8(ascii: "."),
          fstatat(dirfd(directory), name, &status, AT_SYMLINK_NOFOLLOW) == 0,
          status.st_mode & S_IFMT == S_IFREG
        else { return }
        found[String(cString: name)] = Int(status.st_size)
      }
    }
  }

  /// Returns the bytes of a file; nil if it does not exist, and none if the disk cannot read it, which is damage.
  public func read(_ name: String) throws(FileError) -> [UInt8]? {
    do {
      return try WholeFile.read(location + "/" + name)
    } catch {
      guard error.isMissing || error.code == EIO else { throw error }
      return error.isMissing ? nil : []
    }
  }

  /// Writes a file by renaming; creates its folder.
  public func write(_ bytes: RawSpan, to name: String, isDurable: Bool) throws(FileError) {
    precondition(lock != nil, "the store is read-only")
    let path = location + "/" + name
    do {
      try NewFile.write(bytes, to: path, isDurable: isDurable)
    } catch {
      guard error.isMissing, let slash = name.lastIndex(of: "/") else { throw error }
      try Self.makeFolder(location + "/" + name[..<slash])
      try NewFile.write(bytes, to: path, isDurable: isDurable)
    }
  }

  /// Removes a file if it exists.
  public func remove(_ name: String) throws(FileError) {
    precondition(lock != nil, "the store is read-only")
    try Self.remove(location + "/" + name)
  }

  /// Removes the files of a run except the lock.
  public func clear() throws(FileError) { try Self.clear(location) }

  /// Removes the files of a run, and the folder if it contains nothing else.
  public func remove() throws(FileError) {
    try Self.clear(location)
    lock?.removeFolder()
  }
}

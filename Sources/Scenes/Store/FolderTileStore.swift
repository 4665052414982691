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

  /// Opens or creates a folder, and locks it for writing; removes the temporary files of killed runs.
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
    let directory = location + "/" + folder
    var found: [String: Int] = [:]
    for name in try Self.names(in: directory) where !name.hasPrefix(".") {
      guard let status = FileStatus(directory + "/" + name), status.kind == .regular else {
        continue
      }
      found[name] = status.size
    }
    return found
  }

  /// Returns the bytes of a file; nil if it does not exist.
  public func read(_ name: String) throws(FileError) -> [UInt8]? {
    do {
      return try WholeFile.read(location + "/" + name)
    } catch {
      guard error.isMissing else { throw error }
      return nil
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

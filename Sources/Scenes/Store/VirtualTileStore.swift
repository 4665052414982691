public import Files
import Rasters

/// A tile store in a folder of GDAL's virtual file systems: an object store (`/vsis3/`, `/vsigs/`, `/vsiaz/`), or memory
/// (`/vsimem/`).
///
/// Each object is written by one request and never renamed. The store has no lock. An object counts as missing only if
/// the server says so; other failures are errors, after the repetitions that `docs/operations.md` describes. Memory and
/// the S3 interface of JuiceFS have been tried, the services of Amazon, Google and Microsoft have not.
public struct VirtualTileStore: TileStore {
  private let files: VirtualFiles

  /// Describes a store; changes nothing.
  ///
  /// - Parameter folder: The path of the folder, such as `/vsis3/BUCKET/NAME.relief`.
  public init(_ folder: String) { files = VirtualFiles(folder) }

  /// The path of the folder.
  public var location: String { files.folder }

  /// Returns the names of the objects in a subfolder, and their sizes.
  public func list(_ folder: String) throws(FileError) -> [String: Int] { try files.list(folder) }

  /// Returns the bytes of an object; nil if it does not exist.
  public func read(_ name: String) throws(FileError) -> [UInt8]? { try files.read(name) }

  /// Writes an object; object stores are always durable.
  public func write(_ bytes: RawSpan, to name: String, isDurable: Bool) throws(FileError) {
    try files.write(bytes, to: name)
  }

  /// Removes an object if it exists.
  public func remove(_ name: String) throws(FileError) { try files.remove(name) }

  /// Removes the objects of a run, the plan first; keeps other objects of the folder.
  public func clear() throws(FileError) {
    try remove(RunStore.planName)
    try files.remove(
      files.list(nil).keys.filter { name in
        let parts = name.split(separator: "/").map(String.init)
        return parts.count == 2 ? RunStore.isObject(parts[1]) : name == RunStore.overwriteName
      })
  }
}

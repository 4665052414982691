public import Files
import Rasters

/// A tile store in a folder of GDAL's virtual file systems: an object store (`/vsis3/`, `/vsigs/`, `/vsiaz/`), or memory
/// (`/vsimem/`).
///
/// Each object is written at once and never renamed. The store has no lock. Only memory has been tried: an object store
/// that answers with an error instead of an object, such as 403 or 503, may look as if the object did not exist, and
/// then a run starts over.
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

  /// Removes all objects in the folder, the plan first.
  public func clear() throws(FileError) {
    try remove(RunStore.planName)
    for name in try files.list(nil).keys.sorted() { try remove(name) }
  }
}

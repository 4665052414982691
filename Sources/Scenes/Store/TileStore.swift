public import Files

/// A place for the results of a run: objects with names such as `coarse/r00003c00012.tile`.
///
/// An object appears whole or not at all. It may be written again at any time and by any process, always with the same
/// bytes, so writers need no lock against one another, and a task that is delivered twice does no harm. A store need not
/// detect damage: `RunStore` seals what it writes and checks what it reads.
public protocol TileStore: Sendable {
  /// The path or address of the store, for messages.
  var location: String { get }

  /// Returns the names of all objects in a folder of the store, and their sizes in bytes; empty if there is none.
  ///
  /// The listing is never an earlier one, and costs at most one request for each thousand objects.
  func list(_ folder: String) throws(FileError) -> [String: Int]

  /// Returns the bytes of an object; nil if there is no such object.
  func read(_ name: String) throws(FileError) -> [UInt8]?

  /// Writes an object; replaces one of that name.
  ///
  /// - Parameters:
  ///   - bytes: The bytes.
  ///   - name: The name: at most one folder, a slash, and a file name.
  ///   - isDurable: Whether to return only when even a power failure cannot lose the object.
  /// - Throws: `FileError` if the object cannot be written.
  func write(_ bytes: RawSpan, to name: String, isDurable: Bool) throws(FileError)

  /// Removes an object if it exists.
  func remove(_ name: String) throws(FileError)

  /// Removes all objects of a run, `plan.json` first, so that an interrupted removal is recognized.
  func clear() throws(FileError)

  /// Removes all objects of a run, and the place itself if nothing else is in it.
  func remove() throws(FileError)
}

extension TileStore {
  /// Removes all objects of a run.
  public func remove() throws(FileError) { try clear() }
}

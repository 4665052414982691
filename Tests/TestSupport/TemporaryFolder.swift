import Foundation

/// A temporary folder for a test, which is removed with this object.
public final class TemporaryFolder: Sendable {
  /// The path of the folder.
  public let path: String

  /// Creates an empty folder.
  public init() throws {
    path = NSTemporaryDirectory() + "relief-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch { print("could not remove \(path)") }
  }

  /// Returns the path of a file in the folder.
  public func callAsFunction(_ name: String) -> String { path + "/" + name }
}

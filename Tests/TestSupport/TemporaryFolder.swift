import Foundation

/// A folder of its own for a test, removed with it.
public final class TemporaryFolder: Sendable {
  public let path: String

  public init() throws {
    path = NSTemporaryDirectory() + "relief-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch { print("left behind: \(path)") }
  }

  /// The path of a file in it.
  public func callAsFunction(_ name: String) -> String { path + "/" + name }
}

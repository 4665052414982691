import Foundation
import Rasters

/// A temporary folder for a test, which is removed with this object.
public final class TemporaryFolder: Sendable {
  /// Sets GDAL's block cache as the program does, so that forecasts of memory do not depend on the machine's.
  private static let cacheLimit: Void = GDAL.setCacheLimit(bytes: 128 << 20)

  /// The path of the folder.
  public let path: String

  /// Creates an empty folder.
  public init() throws {
    Self.cacheLimit
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

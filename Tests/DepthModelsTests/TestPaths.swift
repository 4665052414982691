import Foundation

/// The paths of files that the tests use.
enum Places {
  static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  static let package = tests.deletingLastPathComponent().deletingLastPathComponent()
  static let bundle = package.appending(path: "SampleData/bundle").path
  /// Files next to the checkout, if present, that are too large for it or not part of this project.
  static let shared = package.deletingLastPathComponent().appending(path: "shared")
  static let bootstrap = shared.appending(path: "weights/bootstrap-coarse").path
  static let keys = shared.appending(path: "keys").path

  static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  /// Calls `body` with a temporary folder, which is removed when `body` returns.
  static func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
  }
}

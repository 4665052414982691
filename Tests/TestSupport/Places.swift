public import Foundation

/// Runs `body` with a directory that is gone afterwards.
public func withTemporaryDirectory<Value>(_ body: (String) throws -> Value) throws -> Value {
  let url = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
  try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  defer {
    do { try FileManager.default.removeItem(at: url) } catch { print("left behind: \(url.path)") }
  }
  return try body(url.path)
}

/// The names in a directory, hidden ones too, sorted.
public func names(in directory: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
}

/// Real scenes and elevation models that may not be redistributed; absent on most machines.
public let sharedData = URL(filePath: #filePath).appending(path: "../../../../shared/data")
  .standardizedFileURL

/// Whether a folder of the shared data is there.
public func hasSharedData(_ folder: String) -> Bool {
  FileManager.default.fileExists(atPath: sharedData.appending(path: folder).path)
}

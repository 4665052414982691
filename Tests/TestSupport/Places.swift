import Foundation

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

/// Where a file or folder of the shared data lies: real scenes and elevation models that may not be redistributed and are
/// absent on most machines.
public func sharedPath(_ relative: String) -> String {
  let package = URL(filePath: #filePath).appending(path: "../../..")
  return package.appending(path: "../shared/data").appending(path: relative).standardizedFileURL
    .path
}

/// Whether a folder of the shared data is there.
public func hasSharedData(_ folder: String) -> Bool {
  FileManager.default.fileExists(atPath: sharedPath(folder))
}

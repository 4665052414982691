import Foundation

/// Runs `body` with a temporary directory that is removed afterwards.
public func withTemporaryDirectory<Value>(_ body: (String) throws -> Value) throws -> Value {
  let url = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
  try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  defer {
    do { try FileManager.default.removeItem(at: url) } catch {
      print("could not remove \(url.path)")
    }
  }
  return try body(url.path)
}

/// Returns the sorted names in a directory, including hidden files.
public func names(in directory: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
}

/// Returns the path of a file or folder of the shared data.
///
/// The shared data are real scenes and elevation models that may not be redistributed and are absent on most machines.
public func sharedPath(_ relative: String) -> String {
  let package = URL(filePath: #filePath).appending(path: "../../..")
  return package.appending(path: "../shared/data").appending(path: relative).standardizedFileURL
    .path
}

/// Returns whether a folder of the shared data exists.
public func hasSharedData(_ folder: String) -> Bool {
  FileManager.default.fileExists(atPath: sharedPath(folder))
}

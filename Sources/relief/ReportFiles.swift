import Files
import Foundation
import Scenes

/// The files of a report, which are checked before any work is done and written afterwards.
struct ReportFiles {
  private let paths: [String]

  /// Checks that all files can be written.
  ///
  /// - Parameters:
  ///   - paths: The paths of the files; nil for a file that was not requested.
  ///   - overwrite: Whether existing files may be replaced: HTML pages written by relief, and text files, since
  ///     tables have no mark of their origin.
  /// - Throws: `SceneError` if two paths are the same, a file exists and may not be replaced, or a folder is missing
  ///   or not writable.
  init(_ paths: [String?], overwrite: Bool) throws {
    self.paths = paths.compactMap { $0 }
    for path in self.paths { try FileNames.requireWritable(path) }
    let places = self.paths.map { URL(filePath: $0).standardizedFileURL.path }
    guard Set(places).count == places.count else {
      throw SceneError(
        .usage, "\(self.paths[0]) is given for two files, expected two different paths")
    }
    for path in self.paths {
      guard !path.isEmpty else {
        throw SceneError(.usage, "the path of a report file is empty, expected a file name")
      }
      var isFolder: ObjCBool = false
      let folder = URL(filePath: path).standardizedFileURL.deletingLastPathComponent().path
      guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder),
        isFolder.boolValue
      else {
        throw SceneError(
          .cannotCreate, "\(path) cannot be written: the folder \(folder) does not exist")
      }
      guard FileManager.default.isWritableFile(atPath: folder) else {
        throw SceneError(
          .cannotCreate, "\(path) cannot be written: the folder \(folder) is not writable")
      }
      try NewFile.requireRegularOrAbsent(path)
      guard overwrite || !FileManager.default.fileExists(atPath: path) else {
        throw SceneError(.cannotCreate, "\(path) already exists: use --overwrite to replace it")
      }
      guard try Self.isReplaceable(path) else {
        throw SceneError(
          .cannotCreate,
          "\(path) exists and was not written by relief, so it is not replaced: choose another name"
        )
      }
    }
  }

  /// Whether a file is missing or could be a report: an HTML page with relief's mark, or any text file.
  private static func isReplaceable(_ path: String) throws -> Bool {
    guard FileManager.default.fileExists(atPath: path) else { return true }
    let bytes = try WholeFile.read(path)
    guard path.lowercased().hasSuffix(".html") else { return !bytes.contains(0) }
    return String(decoding: bytes.prefix(1000), as: UTF8.self).contains("content=\"relief\"")
  }

  /// Writes one of the files atomically.
  ///
  /// - Throws: `FileError`.
  func write(_ text: String, to path: String) throws {
    precondition(paths.contains(path), "\(path) was checked")
    try NewFile.write(text, to: path, isDurable: true)
  }
}

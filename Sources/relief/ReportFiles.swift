import Files
import Foundation
import Scenes

/// The files of a report: looked at before any work is done, and written when it is.
struct ReportFiles {
  private let paths: [String]

  /// - Parameters:
  ///   - paths: Of the files; nil for one that nobody asked for.
  ///   - overwrite: Whether files of these names may be replaced: pages of relief, and tables, which have no mark, if they
  ///     are text.
  /// - Throws: `SceneError` where two are one, one exists and may not be replaced, or its folder isn't there or can't be
  ///   written to.
  init(_ paths: [String?], overwrite: Bool) throws {
    self.paths = paths.compactMap { $0 }
    for path in self.paths { try FileNames.requireWritable(path) }
    let places = self.paths.map { URL(filePath: $0).standardizedFileURL.path }
    guard Set(places).count == places.count else {
      throw SceneError(.usage, "\(self.paths[0]) was given for two files")
    }
    for path in self.paths {
      guard !path.isEmpty else { throw SceneError(.usage, "a file without a name was asked for") }
      var isFolder: ObjCBool = false
      let folder = URL(filePath: path).standardizedFileURL.deletingLastPathComponent().path
      guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder),
        isFolder.boolValue
      else {
        throw SceneError(.cannotCreate, "\(path) can't be written: there is no folder \(folder)")
      }
      guard FileManager.default.isWritableFile(atPath: folder) else {
        throw SceneError(.cannotCreate, "\(path) can't be written: \(folder) may not be written to")
      }
      try NewFile.requireRegularOrAbsent(path)
      guard overwrite || !FileManager.default.fileExists(atPath: path) else {
        throw SceneError(.cannotCreate, "\(path) exists: give --overwrite to replace it")
      }
      guard try Self.mayBeOurs(path) else {
        throw SceneError(
          .cannotCreate,
          "\(path) exists and was not written by relief, so it is not replaced: give another name")
      }
    }
  }

  /// Whether what has the name of a report could be one: a page has a mark, a table is at least text.
  private static func mayBeOurs(_ path: String) throws -> Bool {
    guard FileManager.default.fileExists(atPath: path) else { return true }
    let bytes = try WholeFile.read(path)
    guard path.lowercased().hasSuffix(".html") else { return !bytes.contains(0) }
    return String(decoding: bytes.prefix(1000), as: UTF8.self).contains("content=\"relief\"")
  }

  /// Writes one of them, whole or not at all.
  ///
  /// - Throws: `FileError`.
  func write(_ text: String, to path: String) throws {
    precondition(paths.contains(path), "\(path) was looked at")
    try NewFile.write(text, to: path, isDurable: true)
  }
}

import Reports
import Foundation
import Rasters
import Scenes

/// Rasters that must not be used for training, such as those used for evaluation.
///
/// The list is a CSV or tab-separated file with the columns `path` and `why`. A path is relative to the file's folder
/// and stands for a file, all files in a folder, or all paths that it is a prefix of, unless the prefix ends in the
/// middle of a number or a word: `tiles/set1_tile_108` excludes `set1_tile_108_rgb.png` but not
/// `set1_tile_1083_rgb.png`, and `dems/fuji` does not exclude `dems/fujisan.tif`.
public struct ExclusionList: Sendable {
  /// A path that is excluded, and the reason.
  public struct Entry: Sendable, Hashable {
    /// The absolute path or path prefix.
    public let path: String
    /// The reason for the exclusion.
    public let why: String
  }

  /// The entries in the order of the list.
  public let entries: [Entry]
  /// For each entry, the path as written and with symbolic links resolved.
  private let places: [[String]]

  /// Reads a list.
  ///
  /// - Parameter path: The path of the list.
  /// - Throws: `RasterError` if the file cannot be read, `SceneError` if it is not a valid list.
  public init(reading path: String) throws {
    let folder = PairList.folder(of: path)
    let table = try TextTable(reading: path, required: ["path", "why"], optional: [])
    entries = table.rows.map { row in
      Entry(
        path: PairList.resolved(row.cells["path"] ?? "", in: folder), why: row.cells["why"] ?? "")
    }
    places = entries.map { Self.places($0.path) }
  }

  /// Returns why a file is excluded; nil if it is not.
  ///
  /// Symbolic links and `..` are resolved in the path and in the list.
  public func reason(against path: String) -> String? {
    let candidates = Self.places(path)
    for (entry, places) in zip(entries, places)
    where places.contains(where: { place in
      candidates.contains { Self.covers(place, $0) }
    }) {
      return entry.why
    }
    return nil
  }

  /// Checks that no pair is excluded by its image, its DEM, or a source file of these, such as the sources of a VRT.
  ///
  /// Copies under another name are not detected.
  ///
  /// - Parameter pairs: The pairs to check.
  /// - Throws: `SceneError` that names all excluded pairs and the reasons.
  public func refuse(_ pairs: [Pair]) throws {
    let found = pairs.compactMap { pair in
      reason(against: pair).map { "  \(pair.name): \($0)" }
    }
    guard found.isEmpty else {
      throw SceneError(
        .badData,
        "\(found.count) of \(pairs.count) pairs are excluded:\n" + found.joined(separator: "\n"))
    }
  }

  /// Returns why a pair is excluded; nil if it is not.
  public func reason(against pair: Pair) -> String? {
    for path in [pair.image, pair.dem] {
      if let why = reason(against: path) { return why }
      // A raster that cannot be opened has no source files; reading it later reports the error.
      guard let dataset = try? Dataset(reading: path) else { continue }
      for file in dataset.files {
        if let why = reason(against: file) { return "\(why) (it uses \(file))" }
      }
    }
    return nil
  }

  /// Whether an entry is a prefix of a path that does not end in the middle of a number or a word.
  static func covers(_ entry: String, _ path: String) -> Bool {
    guard path.hasPrefix(entry) else { return false }
    guard let next = path.dropFirst(entry.count).first, let last = entry.last else { return true }
    return !(next.isNumber && last.isNumber || next.isLetter && last.isLetter)
  }

  /// Returns the path without `..`, and the path with symbolic links resolved for the part that exists.
  private static func places(_ path: String) -> [String] {
    let plain = URL(filePath: path).standardizedFileURL.path
    var head = plain
    var tail: [String] = []
    while head.count > 1 {
      if let real = realpath(head, nil) {
        defer { free(real) }
        let resolved = ([String(cString: real)] + tail.reversed()).joined(separator: "/")
        return resolved == plain ? [plain] : [plain, resolved]
      }
      tail.append(URL(filePath: head).lastPathComponent)
      head = URL(filePath: head).deletingLastPathComponent().path
    }
    return [plain]
  }
}

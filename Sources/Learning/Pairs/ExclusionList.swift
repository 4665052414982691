import Foundation
import Rasters
import Scenes

/// Rasters that no training may see, such as those that it is judged on.
///
/// A CSV or tab-separated file with the columns `path` and `why`. A path is relative to the file's folder and stands for a
/// file, all in a folder, or all whose path goes on from there: `tiles/set1_tile_108` excludes `set1_tile_108_rgb.png`,
/// but not `set1_tile_1083_rgb.png`, where it would end in the middle of a number, nor does `dems/fuji` exclude
/// `dems/fujisan.tif`, where it would in the middle of a word.
public struct ExclusionList: Sendable {
  /// What is excluded, and why.
  public struct Entry: Sendable, Hashable {
    public let path: String
    public let why: String
  }

  public let entries: [Entry]
  /// Of each entry: as written, and as links lead.
  private let places: [[String]]

  /// - Parameter path: The list.
  /// - Throws: `RasterError` if there is none, `SceneError` if it isn't such a list.
  public init(reading path: String) throws {
    let folder = PairList.folder(of: path)
    let table = try TextTable(reading: path, required: ["path", "why"], optional: [])
    entries = table.rows.map { row in
      Entry(
        path: PairList.resolved(row.cells["path"] ?? "", in: folder), why: row.cells["why"] ?? "")
    }
    places = entries.map { Self.places($0.path) }
  }

  /// Why a file may not be seen; nil where it may.
  ///
  /// Links and `..` are followed, both in the path and in the list.
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

  /// Makes sure that none of the pairs is excluded: by its image, its DEM, or a file that one of these is made of, as a VRT
  /// is of others.
  ///
  /// A copy under another name is not found.
  ///
  /// - Parameter pairs: Which.
  /// - Throws: `SceneError` naming all that are, and why.
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

  /// Why a pair may not be seen; nil where it may.
  public func reason(against pair: Pair) -> String? {
    for path in [pair.image, pair.dem] {
      if let why = reason(against: path) { return why }
      // What can't be opened has no parts; whoever reads it will say so.
      guard let dataset = try? Dataset(reading: path) else { continue }
      for file in dataset.files {
        if let why = reason(against: file) { return "\(why) (a part of it is \(file))" }
      }
    }
    return nil
  }

  /// Whether a path is the entry's, or goes on from it, and not in the middle of a number or a word.
  static func covers(_ entry: String, _ path: String) -> Bool {
    guard path.hasPrefix(entry) else { return false }
    guard let next = path.dropFirst(entry.count).first, let last = entry.last else { return true }
    return !(next.isNumber && last.isNumber || next.isLetter && last.isLetter)
  }

  /// The path without `..`, and where links lead as far as there are files.
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

import Files
import Rasters

/// The origin of an existing file at a path that a run is going to write.
///
/// Each kind of file carries a mark with the hash of its plan: a raster in a tag, a style in a comment, a picture in a
/// text chunk.
enum FileOrigin: Equatable {
  /// There is no file.
  case absent
  /// The file was written by relief; `holes` is the tag that lists a raster's missing pixels and failed tiles.
  case relief(plan: String, holes: String?)
  /// The file has another origin and is never replaced.
  case foreign

  /// Reads the origin of the file at a path.
  ///
  /// - Throws: `FileError` for a link, a pipe, a folder, or a file that cannot be replaced.
  init(of path: String) throws {
    try NewFile.requireReplaceable(path)
    guard FileStatus(path) != nil else {
      self = .absent
      return
    }
    guard path.hasSuffix(".qml") else {
      let tags = (try? Dataset(reading: path).metadata()) ?? [:]
      let plan = tags[Provenance.planTag] ?? tags["Comment"].flatMap(Self.plan)
      self = plan.map { .relief(plan: $0, holes: tags["RELIEF_HOLES"]) } ?? .foreign
      return
    }
    let bytes = (try? WholeFile.read(path, limit: 1 << 24)) ?? []
    let parts = String(decoding: bytes, as: UTF8.self).split(separator: "<!-- ", maxSplits: 1)
    let plan = parts.last.flatMap { Self.plan(in: String($0.prefix { $0 != "\n" })) }
    self = plan.map { .relief(plan: $0, holes: nil) } ?? .foreign
  }

  /// The mark of a style or a picture, with the hash of its plan.
  static func mark(_ plan: String) -> String { marker + plan }

  private static let marker = "relief, plan "

  private static func plan(in text: String) -> String? {
    guard text.hasPrefix(marker) else { return nil }
    let plan = text.dropFirst(marker.count).prefix(64)
    return plan.count == 64 && plan.allSatisfy(\.isHexDigit) ? String(plan) : nil
  }
}

import Files
import Foundation
import Grids

/// The objects behind the results of tiles.
extension RunStore {
  static let suffixes = ["tile", "skipped", "failed"]

  static func name(_ tile: TileIndex, _ stage: Stage, _ suffix: String) -> String {
    "\(stage.rawValue)/" + String(format: "r%05dc%05d", tile.row, tile.column) + ".\(suffix)"
  }

  /// The tile and the suffix in an object's name, without its folder; nil if it is not that of a tile.
  static func parts(of name: String) -> (tile: TileIndex, suffix: String)? {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].first == "r", let middle = parts[0].firstIndex(of: "c"),
      let row = Int(parts[0][..<middle].dropFirst()),
      let column = Int(parts[0][middle...].dropFirst()), suffixes.contains(String(parts[1]))
    else { return nil }
    return (TileIndex(row: row, column: column), String(parts[1]))
  }

  /// Lists a stage: sizes tell which tiles are done, the notes of the others are read.
  func listed(_ stage: Stage) throws -> [TileIndex: Entry] {
    let bytes = plan.numbers(of: stage) * MemoryLayout<Float>.size
    var found: [TileIndex: Entry] = [:]
    for (file, size) in try objects.list(stage.rawValue) {
      guard let (tile, suffix) = Self.parts(of: file), found[tile]?.state != .done else { continue }
      if suffix == "tile" {
        let isWhole = size == bytes + Seal.size || size == 2 * bytes + Seal.size
        if isWhole { found[tile] = Entry(state: .done, hasSpread: size > bytes + Seal.size) }
      } else if let state = try state(noted: "\(stage.rawValue)/\(file)") {
        // A tile that was skipped needs no other try.
        if case .skipped? = found[tile]?.state { continue }
        found[tile] = Entry(state: state)
      }
    }
    return found
  }

  /// The state in a note; nil if it is missing or damaged.
  private func state(noted name: String) throws -> TileState? {
    guard let text = try text(name) else { return nil }
    if name.hasSuffix(".skipped") { return .skipped(text) }
    let parts = text.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, let code = Int(parts[0]), let kind = Failure.Kind(rawValue: code) else {
      return nil
    }
    return .failed(Failure(kind, String(parts[1])))
  }

  /// The stored numbers of a tile.
  ///
  /// - Throws: `DamagedTile` if they are not what was written; the tile is then discarded.
  func numbers(of tile: TileIndex, in stage: Stage) throws -> [Float] {
    let name = Self.name(tile, stage, "tile")
    let count = plan.numbers(of: stage)
    let reason: String
    do {
      if let bytes = try objects.read(name), let payload = seal.opened(bytes, name),
        payload.count == count * 4 || payload.count == count * 8
      {
        return [Float](unsafeUninitializedCapacity: payload.count / 4) { buffer, count in
          payload.withUnsafeBytes { UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0) }
          count = buffer.count
        }
      }
      reason = "its size or checksum does not match"
    } catch {
      reason = error.description
    }
    if !isReadOnly { try discard(tile, in: stage) }
    throw DamagedTile(path: objects.location + "/" + name, reason: reason)
  }

  /// The text of a short object; nil if it is missing or damaged.
  func text(_ name: String) throws -> String? {
    guard let bytes = try objects.read(name), let payload = seal.opened(bytes, name) else {
      return nil
    }
    return String(decoding: payload, as: UTF8.self)
  }

  func write(_ payload: RawSpan, to name: String) throws {
    try objects.write(seal.closed(payload, name).span.bytes, to: name, isDurable: false)
  }
}

import Files
import Foundation
import Grids

/// The objects behind the results of tiles.
extension RunStore {
  static let noteSuffixes = ["skipped", "failed"]

  static func name(_ tile: TileIndex, _ stage: StageName, _ suffix: String) -> String {
    "\(stage.rawValue)/" + String(format: "r%05dc%05d", tile.row, tile.column) + ".\(suffix)"
  }

  /// Whether a file in a stage's folder is an object of a run.
  static func isObject(_ name: String) -> Bool { name == "basis" || parts(of: name) != nil }

  /// The tile and the suffix in an object's name, without its folder; nil if it is not that of a tile.
  static func parts(of name: String) -> (tile: TileIndex, suffix: Substring)? {
    let text = name.utf8
    func number(after letter: Character, _ start: String.Index) -> (Int, end: String.Index)? {
      guard start < text.endIndex, text[start] == letter.asciiValue else { return nil }
      var (value, place) = (0, text.index(after: start))
      let first = place
      while place < text.endIndex, (48...57).contains(text[place]), value < 1 << 50 {
        value = 10 * value + Int(text[place] - 48)
        place = text.index(after: place)
      }
      return place > first ? (value, place) : nil
    }
    guard let row = number(after: "r", text.startIndex),
      let column = number(after: "c", row.end), column.end < text.endIndex,
      text[column.end] == UInt8(ascii: ".")
    else { return nil }
    let suffix = name[text.index(after: column.end)...]
    guard !suffix.isEmpty, !suffix.utf8.contains(UInt8(ascii: ".")) else { return nil }
    return (TileIndex(row: row.0, column: column.0), suffix)
  }

  /// Lists a stage: sizes tell which tasks are done, the notes of the others are read.
  func listed(_ stage: StageName) throws -> [TileIndex: Entry] {
    let result = result(of: stage)
    var found: [TileIndex: Entry] = [:]
    for (file, size) in try objects.list(stage.rawValue) {
      guard let (tile, suffix) = Self.parts(of: file), found[tile]?.state != .done else { continue }
      if suffix == result.suffix[...] {
        let bytes = result.size ?? size - Seal.size
        let isWhole = size == bytes + Seal.size || size == 2 * bytes + Seal.size
        if isWhole { found[tile] = Entry(state: .done, hasSpread: size > bytes + Seal.size) }
      } else if Self.noteSuffixes.contains(String(suffix)),
        let state = try state(noted: "\(stage.rawValue)/\(file)")
      {
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

  /// The stored Float32 values of a tile, and their spreads.
  ///
  /// - Throws: `DamagedTile` if they are not what was written.
  func numbers(of tile: TileIndex, in stage: StageName) throws -> [Float] {
    if let known = cache.values(of: tile, stage) { return known }
    let payload = try payload(of: tile, in: stage)
    let values = [Float](unsafeUninitializedCapacity: payload.count / 4) { buffer, count in
      payload.withUnsafeBytes { UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0) }
      count = buffer.count
    }
    cache.insert(values, of: tile, stage)
    return values
  }

  /// The stored bytes of a task.
  ///
  /// - Throws: `FileError` if the store cannot be read; `DamagedTile` if they are not what was written, or missing. The
  ///   state of the task does not change: others that read it at the same time must not go on without it.
  func payload(of task: TileIndex, in stage: StageName) throws -> ArraySlice<UInt8> {
    let (result, name) = (result(of: stage), Self.name(task, stage, result(of: stage).suffix))
    let bytes = try objects.read(name)
    if let bytes, let payload = seal.opened(bytes, name),
      result.size.map({ payload.count == $0 || payload.count == 2 * $0 }) ?? true
    {
      return payload
    }
    throw damage(
      of: task, in: stage,
      bytes == nil ? "it is missing" : "its size or checksum does not match")
  }

  /// The error for a task whose result cannot be used.
  func damage(of task: TileIndex, in stage: StageName, _ reason: String) -> DamagedTile {
    let name = Self.name(task, stage, result(of: stage).suffix)
    return DamagedTile(
      tile: task, stage: stage, path: objects.location + "/" + name, reason: reason)
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

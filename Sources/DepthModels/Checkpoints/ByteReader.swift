import FoundationEssentials

/// A walk over the bytes of a file, in which the end is an error and not a trap.
struct ByteReader {
  let data: Data
  let path: String
  /// The next byte's place in the file.
  var position: Int
  /// What is being read, for messages.
  var part: String

  init(_ data: Data, path: String, part: String) {
    self.data = data
    self.path = path
    self.part = part
    position = data.startIndex
  }

  var remaining: Int { data.endIndex - position }

  /// The next `count` bytes, not copied.
  mutating func bytes(_ count: Int) throws(ModelError) -> Data {
    guard count >= 0, count <= remaining else {
      throw failure("announces \(count) bytes, but only \(remaining) follow")
    }
    defer { position += count }
    return data[position..<position + count]
  }

  /// The next number, least significant byte first.
  mutating func integer<Number: FixedWidthInteger>(_: Number.Type) throws(ModelError) -> Number {
    let bytes = try bytes(MemoryLayout<Number>.size)
    return Number(
      truncatingIfNeeded: bytes.reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) })
  }

  /// A count that precedes what it counts.
  mutating func count<Number: FixedWidthInteger>(_ type: Number.Type) throws(ModelError) -> Int {
    let number = try integer(type)
    guard let count = Int(exactly: number), count >= 0, count <= remaining else {
      throw failure("announces \(number) bytes, but only \(remaining) follow")
    }
    return count
  }

  /// The text up to the next end of line.
  mutating func line() throws(ModelError) -> String {
    guard let end = data[position...].firstIndex(of: UInt8(ascii: "\n")) else {
      throw failure("has a line without an end")
    }
    defer { position = end + 1 }
    return String(decoding: data[position..<end], as: UTF8.self)
  }

  func failure(_ what: String) -> ModelError {
    ModelError(.badData, "\(part) of \(path) \(what), at byte \(position)")
  }
}

import FoundationEssentials

/// A sequential reader of the bytes of a file that throws at the end instead of trapping.
struct ByteReader {
  let data: Data
  let path: String
  /// The position of the next byte in the file.
  var position: Int
  /// The part of the file that is being read, for messages.
  var part: String

  init(_ data: Data, path: String, part: String) {
    self.data = data
    self.path = path
    self.part = part
    position = data.startIndex
  }

  /// The number of bytes that have not been read.
  var remaining: Int { data.endIndex - position }

  /// Returns the next `count` bytes without copying them.
  mutating func bytes(_ count: Int) throws(ModelError) -> Data {
    guard count >= 0, count <= remaining else {
      throw failure("declares \(count) bytes, but only \(remaining) follow")
    }
    defer { position += count }
    return data[position..<position + count]
  }

  /// Returns the next little-endian integer.
  mutating func integer<Number: FixedWidthInteger>(_: Number.Type) throws(ModelError) -> Number {
    let bytes = try bytes(MemoryLayout<Number>.size)
    return Number(
      truncatingIfNeeded: bytes.reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) })
  }

  /// Returns a count of bytes that is stored in front of them.
  mutating func count<Number: FixedWidthInteger>(_ type: Number.Type) throws(ModelError) -> Int {
    let number = try integer(type)
    guard let count = Int(exactly: number), count >= 0, count <= remaining else {
      throw failure("declares \(number) bytes, but only \(remaining) follow")
    }
    return count
  }

  /// Returns the text up to the next line feed.
  mutating func line() throws(ModelError) -> String {
    guard let end = data[position...].firstIndex(of: UInt8(ascii: "\n")) else {
      throw failure("has an unterminated line")
    }
    defer { position = end + 1 }
    return String(decoding: data[position..<end], as: UTF8.self)
  }

  /// Returns an error that names the part, the file and the current position.
  func failure(_ what: String) -> ModelError {
    ModelError(.badData, "\(part) of \(path) \(what), at byte \(position)")
  }
}

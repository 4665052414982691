/// Opcodes for numbers, text and bytes.
extension PickleMachine {
  mutating func stepNumber(_ opcode: Unicode.Scalar) throws(ModelError) {
    switch opcode {
    case "N": push(.nothing)
    case "\u{88}": push(.bool(true))
    case "\u{89}": push(.bool(false))
    case "K": push(.integer(Int(try reader.integer(UInt8.self))))
    case "M": push(.integer(Int(try reader.integer(UInt16.self))))
    case "J": push(.integer(Int(try reader.integer(Int32.self))))
    case "G": push(.float(Double(bitPattern: try reader.integer(UInt64.self).byteSwapped)))
    case "I", "L":
      let line = try reader.line()
      if line == "00" || line == "01" {
        push(.bool(line == "01"))
      } else if let number = Int(line.hasSuffix("L") ? line.dropLast() : line[...]) {
        push(.integer(number))
      } else {
        push(.opaque("a number of \(line.utf8.count) digits"))
      }
    case "F":
      guard let number = Double(try reader.line()) else {
        throw reader.failure("has other text where a number is expected")
      }
      push(.float(number))
    case "\u{8a}": try readLong(reader.count(UInt8.self))
    case "\u{8b}": try readLong(reader.count(Int32.self))
    default: try stepText(opcode)
    }
  }

  /// Reads a little-endian number in two's complement.
  private mutating func readLong(_ count: Int) throws(ModelError) {
    let bytes = try reader.bytes(count)
    guard count <= 8 else { return push(.opaque("a number of \(count) bytes")) }
    let bits = bytes.reversed().reduce(0 as Int) { $0 << 8 | Int($1) }
    let unused = 64 - 8 * count
    push(.integer((bits << unused) >> unused))
  }

  private mutating func stepText(_ opcode: Unicode.Scalar) throws(ModelError) {
    switch opcode {
    case "U", "\u{8c}": try readText(reader.count(UInt8.self))
    case "T": try readText(reader.count(Int32.self))
    case "X": try readText(reader.count(UInt32.self))
    case "\u{8d}": try readText(reader.count(UInt64.self))
    case "S", "V":
      let line = try reader.line()
      if line.contains("\\") {
        push(.opaque("text with escapes"))
      } else {
        push(.text(opcode == "S" ? String(line.dropFirst().dropLast()) : line))
      }
    case "C": try skipBytes(reader.count(UInt8.self))
    case "B": try skipBytes(reader.count(UInt32.self))
    case "\u{8e}", "\u{96}": try skipBytes(reader.count(UInt64.self))
    case "\u{98}": _ = try top()  // a buffer becomes read-only
    default: try stepCollection(opcode)
    }
  }

  private mutating func readText(_ count: Int) throws(ModelError) {
    push(.text(String(decoding: try reader.bytes(count), as: UTF8.self)))
  }

  private mutating func skipBytes(_ count: Int) throws(ModelError) {
    _ = try reader.bytes(count)
    push(.opaque("\(count) bytes"))
  }
}

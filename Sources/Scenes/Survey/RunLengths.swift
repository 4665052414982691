/// Small numbers in which long runs of equal values are common, as runs.
///
/// A run is stored as a little-endian UInt32: the value in the highest 2 bits, and its length, which is less than 2³⁰.
package struct RunLengths {
  /// The stored bytes.
  package private(set) var bytes: [UInt8] = []

  private static let longest = 1 << 30 - 1

  /// Encodes values of 0…3.
  package init(_ values: [UInt8]) {
    var start = 0
    while start < values.count {
      var end = start + 1
      let limit = min(values.count, start + Self.longest)
      while end < limit, values[end] == values[start] { end += 1 }
      let run = UInt32(values[start]) << 30 | UInt32(end - start)
      withUnsafeBytes(of: run.littleEndian) { bytes += $0 }
      start = end
    }
  }

  /// Decodes stored bytes; nil if they are not `count` values.
  package static func values(_ bytes: ArraySlice<UInt8>, count: Int) -> [UInt8]? {
    guard bytes.count % 4 == 0 else { return nil }
    var values: [UInt8] = []
    values.reserveCapacity(count)
    for start in stride(from: bytes.startIndex, to: bytes.endIndex, by: 4) {
      let run = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << (8 * $1) }
      let length = Int(run & 0x3fff_ffff)
      guard length <= count - values.count else { return nil }
      values += repeatElement(UInt8(run >> 30), count: length)
    }
    return values.count == count ? values : nil
  }
}

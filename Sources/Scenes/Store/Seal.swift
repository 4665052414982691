import Files

/// A checksum after the payload of an object, which reveals damage.
///
/// The seal is a line feed, 64 hexadecimal digits and a line feed. The digits are the SHA-256 of a line that names the
/// format, the plan and the object ("relief tile 2, plan HASH, coarse/r00003c00012.tile"), followed by the payload. An
/// object that is truncated or modified, has another object's name, or belongs to another plan is therefore treated as
/// missing.
struct Seal: Sendable {
  /// The size of a seal, in bytes.
  static let size = 66

  /// The hash of the plan that objects belong to.
  let plan: String

  /// Returns a payload with its seal.
  func closed(_ payload: RawSpan, _ name: String) -> [UInt8] {
    payload.withUnsafeBytes { Array($0) } + digits(of: payload, name).utf8
  }

  /// Returns the payload of an object; nil if the seal does not match it.
  func opened(_ bytes: [UInt8], _ name: String) -> ArraySlice<UInt8>? {
    guard bytes.count >= Self.size else { return nil }
    let payload = bytes.span.bytes.extracting(0..<bytes.count - Self.size)
    guard bytes.suffix(Self.size).elementsEqual(digits(of: payload, name).utf8) else { return nil }
    return bytes.dropLast(Self.size)
  }

  private func digits(of payload: RawSpan, _ name: String) -> String {
    var hash = SHA256()
    hash.update(Array("relief tile 2, plan \(plan), \(name)\n".utf8).span.bytes)
    hash.update(payload)
    return "\n" + hash.hexadecimal() + "\n"
  }
}

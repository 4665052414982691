import Files

/// One file of a tile store: its payload, followed by a checksum seal that reveals damage.
///
/// The seal is a line feed, 64 hexadecimal digits and a line feed. The digits are the SHA-256 of a line that names the
/// format, the plan and the file ("relief tile 1, plan HASH, coarse/r00003c00012.f32"), followed by the payload. A file
/// that is truncated or modified, has another tile's name, or belongs to another plan is therefore treated as missing.
struct TileFile {
  /// The size of the seal, in bytes.
  static let sealSize = 66

  let path: String
  private let name: String
  private let plan: String

  /// Describes a file in a store.
  ///
  /// - Parameters:
  ///   - name: The file's name in the store, `STAGE/NAME`.
  ///   - folder: The path of the store.
  ///   - plan: The hash of the store's plan.
  init(_ name: String, in folder: String, plan: String) {
    path = folder + "/" + name
    (self.name, self.plan) = (name, plan)
  }

  /// Writes the file atomically, replacing an existing file of that name.
  func write(_ payload: RawSpan) throws(FileError) {
    var file = try NewFile(at: path)
    try file.write(payload)
    try file.write(Array(seal(of: payload).utf8).span.bytes)
    try file.commit()
  }

  /// Reads the payload; returns nil if the seal does not match it.
  ///
  /// - Throws: `FileError` if the file cannot be read.
  func read() throws(FileError) -> [UInt8]? {
    var bytes = try WholeFile.read(path)
    guard bytes.count >= Self.sealSize, isSealed(bytes) else { return nil }
    bytes.removeLast(Self.sealSize)
    return bytes
  }

  /// Reads a short text; returns nil if the file is missing, unreadable or damaged.
  func text() -> String? {
    guard let bytes = try? read() else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func isSealed(_ bytes: [UInt8]) -> Bool {
    let payload = bytes.span.bytes.extracting(0..<bytes.count - Self.sealSize)
    return bytes.suffix(Self.sealSize).elementsEqual(seal(of: payload).utf8)
  }

  private func seal(of payload: RawSpan) -> String {
    var hash = SHA256()
    hash.update(Array("relief tile 1, plan \(plan), \(name)\n".utf8).span.bytes)
    hash.update(payload)
    return "\n" + hash.hexadecimal() + "\n"
  }
}

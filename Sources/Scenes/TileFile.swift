import Files

/// One file of a store: its payload, and behind it a seal by which damage is noticed.
///
/// The seal is a line feed, 64 hexadecimal digits and a line feed. The digits are the SHA-256 of a line that names the
/// format, the plan and the file ("relief tile 1, plan HASH, coarse/r00003c00012.f32") and of the payload. So a file that
/// was torn or changed, that lies under another tile's name or belongs to another plan counts as none.
struct TileFile {
  /// Bytes of the seal.
  static let sealSize = 66

  let path: String
  private let name: String
  private let plan: String

  /// - Parameters:
  ///   - name: Of the file in its store: `STAGE/NAME`.
  ///   - folder: The store.
  ///   - plan: The hash of its plan.
  init(_ name: String, in folder: String, plan: String) {
    path = folder + "/" + name
    (self.name, self.plan) = (name, plan)
  }

  /// Writes the file, which appears whole or not at all, and replaces one of its name.
  func write(_ payload: RawSpan) throws(FileError) {
    var file = try NewFile(at: path)
    try file.write(payload)
    try file.write(Array(seal(of: payload).utf8).span.bytes)
    try file.commit()
  }

  /// The payload; nil where the seal does not fit it.
  ///
  /// - Throws: `FileError` if the file cannot be read.
  func read() throws(FileError) -> [UInt8]? {
    var bytes = try WholeFile.read(path)
    guard bytes.count >= Self.sealSize, isSealed(bytes) else { return nil }
    bytes.removeLast(Self.sealSize)
    return bytes
  }

  /// A short text; nil where there is no such file, or none to be believed.
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

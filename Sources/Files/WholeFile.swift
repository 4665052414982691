/// Reading a file at once.
public enum WholeFile {
  /// All bytes of a regular file.
  ///
  /// - Parameters:
  ///   - path: of the file; a link is followed.
  ///   - limit: more bytes than this are refused.
  /// - Returns: its bytes.
  /// - Throws: if it cannot be opened or read, is no regular file (a pipe is not waited for), is
  ///   longer, or is being changed.
  public static func read(_ path: String, limit: Int = .max) throws(FileError) -> [UInt8] {
    let file = try OpenFile(path)
    guard file.size <= limit else {
      throw FileError(
        .read, path, reason: "it has \(file.size) bytes, expected at most \(limit)")
    }
    let bytes = try file.bytes(0..<file.size)
    try file.requireUnchanged()
    return bytes
  }
}

/// Functions that read a whole file at once.
public enum WholeFile {
  /// Reads all bytes of a regular file.
  ///
  /// - Parameters:
  ///   - path: The path of the file; a symbolic link is followed.
  ///   - limit: The maximum size in bytes.
  /// - Returns: The bytes of the file.
  /// - Throws: `FileError` if the file cannot be opened or read, is not a regular file, is longer than `limit`, or
  ///   changes while it is read. Does not block on a pipe.
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

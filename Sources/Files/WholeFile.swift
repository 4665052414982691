import Glibc

/// Reading a file at once.
public enum WholeFile {
  /// All bytes of a regular file.
  ///
  /// - Parameters:
  ///   - path: of the file; a link is followed.
  ///   - limit: more bytes than this are refused.
  /// - Throws: if it cannot be opened or read, is no regular file (a pipe is not waited for), or is longer.
  public static func read(_ path: String, limit: Int = .max) throws(FileError) -> [UInt8] {
    let descriptor = retrying { open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    guard descriptor >= 0 else { throw FileError(.read, path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError(.read, path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw FileError(.read, path, reason: "it is no regular file")
    }
    let size = Int(status.st_size)
    guard size <= limit else {
      throw FileError(.read, path, reason: "it has \(size) bytes, expected at most \(limit)")
    }
    var failure: FileError?
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let read = retrying { Glibc.read(descriptor, buffer.baseAddress! + count, size - count) }
        if read < 0 { failure = FileError(.read, path) }
        guard read > 0 else { break }
        count += read
      }
    }
    if let failure { throw failure }
    guard bytes.count == size else {
      throw FileError(
        .read, path, reason: "it ended after \(bytes.count) of \(size) bytes: it is being changed")
    }
    return bytes
  }
}

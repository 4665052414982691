import Glibc

/// A regular file that is opened once and read on demand.
///
/// A memory map would end the process (SIGBUS) if the file is truncated, and would show what others write into it. Here
/// a read beyond the new end of a truncated file throws, and `requireUnchanged` detects all other changes.
public final class OpenFile: Sendable {
  /// The path of the file.
  public let path: String
  /// Size in bytes when the file was opened.
  public let size: Int
  private let descriptor: Int32
  /// The status when the file was opened.
  private let status: FileStatus

  /// Opens a file; a symbolic link is followed.
  ///
  /// - Throws: `FileError` if the file cannot be opened or is not a regular file. Does not block on a pipe.
  public init(_ path: String) throws(FileError) {
    let descriptor = retrying { open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    guard descriptor >= 0 else { throw FileError(.read, path) }
    do throws(FileError) {
      guard let status = FileStatus(descriptor: descriptor) else { throw FileError(.read, path) }
      guard status.kind == .regular else {
        throw FileError(.read, path, reason: "it is not a regular file")
      }
      self.status = status
    } catch {
      close(descriptor)
      throw error
    }
    self.path = path
    self.descriptor = descriptor
    size = status.size
  }

  deinit { close(descriptor) }

  /// Fills a buffer with the bytes that start at an offset.
  ///
  /// - Throws: `FileError` if the system refuses or the file has become shorter.
  public func read(into buffer: UnsafeMutableRawBufferPointer, from start: Int) throws(FileError) {
    var done = 0
    while done < buffer.count {
      let count = retrying {
        pread(descriptor, buffer.baseAddress! + done, buffer.count - done, start + done)
      }
      guard count >= 0 else { throw FileError(.read, path) }
      guard count > 0 else { throw changed }
      done += count
    }
  }

  /// Returns the bytes of a range.
  ///
  /// - Precondition: The range lies inside `0..<size`.
  /// - Throws: `FileError` if the system refuses or the file has become shorter.
  public func bytes(_ range: Range<Int>) throws(FileError) -> [UInt8] {
    precondition(range.lowerBound >= 0 && range.upperBound <= size, "\(range) of \(size) bytes")
    guard !range.isEmpty else { return [] }
    var failure: FileError?
    let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
      do throws(FileError) {
        try read(into: UnsafeMutableRawBufferPointer(buffer), from: range.lowerBound)
        count = range.count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Returns the SHA-256 of the whole file in lowercase hexadecimal.
  public func sha256() throws(FileError) -> String {
    var hash = SHA256()
    for start in stride(from: 0, to: size, by: Self.chunkSize) {
      let chunk = try bytes(start..<min(start + Self.chunkSize, size))
      hash.update(chunk.span.bytes)
    }
    return hash.hexadecimal()
  }

  private static let chunkSize = 1 << 20

  /// Throws if the file was modified after it was opened.
  ///
  /// - Throws: A `FileError` whose `isTransient` is true: another attempt may find the file complete.
  public func requireUnchanged() throws(FileError) {
    guard let now = FileStatus(descriptor: descriptor) else { throw FileError(.read, path) }
    guard now == status else { throw changed }
  }

  private var changed: FileError {
    FileError(
      .read, path, code: EAGAIN, reason: "it changed while it was read; run the same command again")
  }
}

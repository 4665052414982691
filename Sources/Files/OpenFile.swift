import Glibc

/// A regular file, opened once, whose bytes are read when they are asked for.
///
/// Unlike a mapping, which ends the process (SIGBUS) where the file is shortened, and shows what others write into it, a
/// read that finds less than was there is an error, and `requireUnchanged` finds the rest.
public final class OpenFile: Sendable {
  public let path: String
  /// Bytes, as they were when it was opened.
  public let size: Int
  private let descriptor: Int32
  /// As it was opened.
  private let status: FileStatus

  /// Opens a file; a link is followed.
  ///
  /// - Throws: if it cannot be opened, or is no regular file (a pipe is not waited for).
  public init(_ path: String) throws(FileError) {
    let descriptor = retrying { open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    guard descriptor >= 0 else { throw FileError(.read, path) }
    do throws(FileError) {
      guard let status = FileStatus(descriptor: descriptor) else { throw FileError(.read, path) }
      guard status.kind == .regular else {
        throw FileError(.read, path, reason: "it is no regular file")
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

  /// Fills a buffer with the bytes from a place on.
  ///
  /// - Throws: if the system refuses, or the file has become shorter.
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

  /// The bytes of a range, which must lie inside `size`.
  public func bytes(_ range: Range<Int>) throws(FileError) -> [UInt8] {
    precondition(range.lowerBound >= 0 && range.upperBound <= size, "\(range) of \(size) bytes")
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

  /// SHA-256 of the whole in lower-case hexadecimal.
  public func sha256() throws(FileError) -> String {
    var hash = SHA256()
    for start in stride(from: 0, to: size, by: Self.pieceSize) {
      let piece = try bytes(start..<min(start + Self.pieceSize, size))
      hash.update(piece.span.bytes)
    }
    return hash.hexadecimal()
  }

  private static let pieceSize = 1 << 20

  /// Refuses a file that was written to since it was opened.
  ///
  /// - Throws: `FileError`, after which another try may find it whole.
  public func requireUnchanged() throws(FileError) {
    guard let now = FileStatus(descriptor: descriptor) else { throw FileError(.read, path) }
    guard now == status else { throw changed }
  }

  private var changed: FileError {
    FileError(
      .read, path, code: EAGAIN, reason: "it changed while it was read; run the same command again")
  }
}

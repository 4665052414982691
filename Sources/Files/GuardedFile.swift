import Glibc

/// A file for libraries that seek, read and write in it, and that may go on after an error.
///
/// A short write is continued and an interrupted call repeated. After the first call that the system refuses, every
/// further one is refused as well: what such a library would read back then is not what it believes to have written, and
/// following it may never end.
public final class GuardedFile {
  public enum Access: Sendable {
    /// Reads what is there.
    case read
    /// Reads and writes what is there.
    case update
    /// Reads and writes; what was there is gone.
    case create
  }

  public let path: String
  /// What the system refused first.
  public private(set) var failure: FileError?
  /// From the file's beginning, in bytes: where the next bytes are read or written.
  public private(set) var position = 0
  /// Whether the last read found less than was wanted.
  public private(set) var isAtEnd = false
  private let descriptor: Int32

  /// Opens a regular file; a link is followed only to read.
  ///
  /// - Throws: if it cannot be opened or is no regular file.
  public init(_ path: String, _ access: Access) throws(FileError) {
    let flags =
      switch access {
      case .read: O_RDONLY
      case .update: O_RDWR | O_NOFOLLOW
      case .create: O_RDWR | O_NOFOLLOW | O_CREAT | O_TRUNC
      }
    descriptor = retrying { open(path, flags | O_CLOEXEC | O_NONBLOCK, 0o666) }
    self.path = path
    let operation: FileError.Operation = access == .create ? .create : .read
    guard descriptor >= 0 else { throw FileError(operation, path) }
    guard FileStatus(descriptor: descriptor)?.kind == .regular else {
      throw FileError(operation, path, reason: "it is no regular file")
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Bytes of the file now.
  public var size: Int { FileStatus(descriptor: descriptor)?.size ?? 0 }

  /// Goes to a place, which may lie beyond the end.
  ///
  /// - Returns: whether the place is not before the beginning.
  public func seek(to place: Int) -> Bool {
    guard place >= 0 else { return false }
    position = place
    isAtEnd = false
    return true
  }

  /// Reads the next bytes.
  ///
  /// - Returns: how many there were; none after a failure.
  public func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let done = transfer(buffer.count, .read) { start in
      pread(descriptor, buffer.baseAddress! + start, buffer.count - start, position + start)
    }
    isAtEnd = done < buffer.count
    position += done
    return done
  }

  /// Writes the next bytes.
  ///
  /// - Returns: how many were written: all of them, or fewer after a failure.
  public func write(_ bytes: UnsafeRawBufferPointer) -> Int {
    let done = transfer(bytes.count, .write) { start in
      pwrite(descriptor, bytes.baseAddress! + start, bytes.count - start, position + start)
    }
    position += done
    return done
  }

  /// Makes the file shorter, or longer by zeros.
  ///
  /// - Returns: whether it is.
  public func truncate(to size: Int) -> Bool {
    guard failure == nil else { return false }
    guard retrying({ ftruncate(descriptor, size) }) == 0 else {
      failure = FileError(.write, path)
      return false
    }
    return true
  }

  private func transfer(
    _ count: Int, _ operation: FileError.Operation, _ call: (Int) -> Int
  ) -> Int {
    var done = 0
    while failure == nil, done < count {
      let moved = retrying { call(done) }
      if moved < 0 { failure = FileError(operation, path) }
      if moved == 0, operation == .write { failure = FileError(.write, path, code: EIO) }
      guard moved > 0 else { break }
      done += moved
    }
    return done
  }
}

import Glibc

/// A random-access file for libraries that may continue after an error.
///
/// Short writes are continued and interrupted calls are repeated. After the first call that the system refuses, all
/// further calls fail too: the library would read back something other than what it believes it has written, and
/// following that data may never end.
public final class GuardedFile {
  /// How a file is opened.
  public enum Access: Sendable {
    /// Reads an existing file.
    case read
    /// Reads and writes an existing file.
    case update
    /// Reads and writes a new file; existing contents are discarded.
    case create
  }

  /// The path of the file.
  public let path: String
  /// The first error that the system returned; nil if there was none.
  public private(set) var failure: FileError?
  /// Offset in bytes from the start of the file at which the next bytes are read or written.
  public private(set) var position = 0
  /// Whether the last read returned fewer bytes than requested.
  public private(set) var isAtEnd = false
  private let descriptor: Int32

  /// Opens a regular file; a symbolic link is followed only for reading.
  ///
  /// - Throws: `FileError` if the file cannot be opened or is not a regular file.
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
      throw FileError(operation, path, reason: "it is not a regular file")
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Current size of the file in bytes.
  public var size: Int { FileStatus(descriptor: descriptor)?.size ?? 0 }

  /// Sets the position of the next read or write, which may lie beyond the end.
  ///
  /// - Returns: false if the offset is negative; the position is then unchanged.
  public func seek(to offset: Int) -> Bool {
    guard offset >= 0 else { return false }
    position = offset
    isAtEnd = false
    return true
  }

  /// Reads the next bytes.
  ///
  /// - Returns: the number of bytes read; 0 after a failure.
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
  /// - Returns: the number of bytes written: all of them, or fewer after a failure.
  public func write(_ bytes: UnsafeRawBufferPointer) -> Int {
    let done = transfer(bytes.count, .write) { start in
      pwrite(descriptor, bytes.baseAddress! + start, bytes.count - start, position + start)
    }
    position += done
    return done
  }

  /// Shortens the file, or extends it with zeros.
  ///
  /// - Returns: whether the file now has this size.
  public func truncate(to size: Int) -> Bool {
    guard failure == nil else { return false }
    guard retrying({ ftruncate(descriptor, size) }) == 0 else {
      failure = FileError(.write, path)
      return false
    }
    return true
  }

  /// Repeats a read or write until `count` bytes are transferred, the file ends or the system refuses.
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

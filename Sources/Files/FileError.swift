import Glibc

/// What the system answered to a call on a file.
public struct FileError: Error, Sendable, CustomStringConvertible {
  /// What was tried, as the message says it.
  public enum Operation: String, Sendable {
    case create = "cannot be created"
    case read = "cannot be read"
    case write = "cannot be written"
    case synchronize = "cannot be flushed to the disk"
    case rename = "cannot be put in place"
    case remove = "cannot be removed"
  }

  public let path: String
  public let operation: Operation
  /// `errno`, or 0 where the file is not what it should be and the system has no code for that.
  public let code: Int32
  /// In words: what was found.
  public let reason: String

  /// What `errno` says now.
  public init(_ operation: Operation, _ path: String) { self.init(operation, path, code: errno) }

  public init(_ operation: Operation, _ path: String, code: Int32) {
    self.path = path
    self.operation = operation
    self.code = code
    reason = String(cString: strerror(code))
  }

  public init(_ operation: Operation, _ path: String, code: Int32 = 0, reason: String) {
    self.path = path
    self.operation = operation
    self.code = code
    self.reason = reason
  }

  /// Whether there is nothing of that name.
  public var isMissing: Bool { code == ENOENT || code == ENOTDIR }

  /// Whether the same call may succeed later: a full disk, a device or server that did not answer.
  ///
  /// A name that cannot be used stays unusable.
  public var mayPass: Bool {
    switch code {
    case 0, EACCES, EPERM, EEXIST, EISDIR, ENOTDIR, ENOENT, ELOOP, ENAMETOOLONG, EROFS, EINVAL,
      EXDEV, EMLINK:
      false
    default: true
    }
  }

  /// As `out/a.tif cannot be written: No space left on device`.
  public var description: String { "\(path) \(operation.rawValue): \(reason)" }
}

import Glibc

/// An error of an operation on a file.
public struct FileError: Error, Sendable, CustomStringConvertible {
  /// The operation that failed; the raw value is the wording of the message.
  public enum Operation: String, Sendable {
    /// Creating the file.
    case create = "cannot be created"
    /// Opening or reading the file.
    case read = "cannot be read"
    /// Writing to the file.
    case write = "cannot be written"
    /// Waiting until the file is on disk.
    case synchronize = "cannot be flushed to disk"
    /// Renaming a temporary file to its final name.
    case rename = "cannot be moved into place"
    /// Removing the file.
    case remove = "cannot be removed"
  }

  /// The path of the file.
  public let path: String
  /// The operation that failed.
  public let operation: Operation
  /// The value of `errno`, or 0 if the file is unsuitable in a way for which the system has no code.
  public let code: Int32
  /// What was found, in words.
  public let reason: String

  /// Creates an error from the current value of `errno`.
  public init(_ operation: Operation, _ path: String) { self.init(operation, path, code: errno) }

  /// Creates an error from a value of `errno`.
  public init(_ operation: Operation, _ path: String, code: Int32) {
    self.path = path
    self.operation = operation
    self.code = code
    reason = String(cString: strerror(code))
  }

  /// Creates an error with a reason in words.
  public init(_ operation: Operation, _ path: String, code: Int32 = 0, reason: String) {
    self.path = path
    self.operation = operation
    self.code = code
    self.reason = reason
  }

  /// Whether the file or a directory on its path does not exist.
  public var isMissing: Bool { code == ENOENT || code == ENOTDIR }

  /// Whether the same call may succeed later, as with a full disk or a device or server that did not respond.
  ///
  /// False for a name that cannot be used: it remains unusable.
  public var isTransient: Bool {
    switch code {
    case 0, EACCES, EPERM, EEXIST, EISDIR, ENOTDIR, ENOENT, ELOOP, ENAMETOOLONG, EROFS, EINVAL,
      EXDEV, EMLINK:
      false
    default: true
    }
  }

  /// The message, such as `out/a.tif cannot be written: No space left on device`.
  public var description: String { "\(path) \(operation.rawValue): \(reason)" }
}

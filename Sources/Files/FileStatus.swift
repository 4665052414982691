import Glibc

/// The type, size, modification time and identity of a file.
public struct FileStatus: Sendable, Equatable {
  /// The type of a file.
  public enum Kind: Sendable {
    /// A regular file.
    case regular
    /// A directory.
    case folder
    /// A symbolic link.
    case link
    /// A pipe, a socket or a device.
    case other
  }

  /// The type of the file.
  public let kind: Kind
  /// Size in bytes of a regular file.
  public let size: Int
  /// Time of the last modification in nanoseconds since 1970; POSIX requires every write and truncation to update it.
  public let modified: Int
  /// Number of the file system that holds the file.
  public let device: UInt64
  /// Number of the file in its file system.
  public let inode: UInt64

  /// Reads the status of a path without following a symbolic link.
  ///
  /// Nil if the path does not exist or access to it is denied.
  public init?(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  /// Reads the status of an open file; nil if the descriptor is not open.
  public init?(descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    self.init(status)
  }

  private init(_ status: stat) {
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .regular
      case S_IFDIR: .folder
      case S_IFLNK: .link
      default: .other
      }
    size = Int(status.st_size)
    modified = status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
  }
}

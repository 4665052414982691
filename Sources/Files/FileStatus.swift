import Glibc

/// What lies under a name, or is open; a link is not followed.
public struct FileStatus: Sendable, Equatable {
  public enum Kind: Sendable {
    case regular, folder, link, other
  }

  public let kind: Kind
  /// Bytes of a regular file.
  public let size: Int
  /// The last change in nanoseconds since 1970: POSIX has every write and truncation mark it.
  public let modified: Int
  /// Which file system it is on.
  public let device: UInt64
  /// Which file of its file system it is.
  public let inode: UInt64

  /// Nil where there is nothing of that name, or nobody may ask.
  public init?(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  /// Nil where nothing is open.
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

import Glibc
import Synchronization

/// A file that appears under its name complete or not at all.
///
/// Bytes go to a temporary file next to it, `.NAME.PROCESS-NUMBER.part`, which `commit` renames. A value that is
/// dropped before `commit` leaves nothing behind. Short writes are continued and interrupted calls are repeated, as
/// POSIX requires of every caller of `write` (IEEE Std 1003.1-2017). Nothing is ever written through a symbolic link:
/// the temporary file must be new, and a file that is replaced must be a regular file.
public struct NewFile: ~Copyable {
  /// The final path of the file.
  public let path: String
  let temporary: String
  private let descriptor: Int32
  private let isDurable: Bool

  private static let counter = Atomic(0)

  /// Creates the temporary file.
  ///
  /// - Parameters:
  ///   - path: The final path of the file; an existing file is replaced.
  ///   - isDurable: Whether `commit` waits until the bytes and the name are on disk, so that even a power failure does
  ///     not leave an empty file.
  /// - Throws: `FileError` if the temporary file cannot be created, or if `path` is not a regular file.
  public init(at path: String, isDurable: Bool = false) throws(FileError) {
    try Self.requireRegularOrAbsent(path)
    let (parent, name) = Self.split(path)
    let number = Self.counter.add(1, ordering: .relaxed).newValue
    let temporary = "\(parent)/.\(name).\(getpid())-\(number).part"
    unlink(temporary)  // left by a killed process that had the same ID
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let descriptor = retrying { open(temporary, flags, 0o666) }
    guard descriptor >= 0 else { throw FileError(.create, temporary) }
    self.path = path
    self.temporary = temporary
    self.descriptor = descriptor
    self.isDurable = isDurable
  }

  /// Appends all of the bytes.
  ///
  /// - Throws: `FileError` if the system refuses; the file can then only be dropped.
  public mutating func write(_ bytes: RawSpan) throws(FileError) {
    var written = 0
    while written < bytes.byteCount {
      let count = retrying {
        bytes.withUnsafeBytes {
          Glibc.write(descriptor, $0.baseAddress! + written, $0.count - written)
        }
      }
      guard count >= 0 else { throw FileError(.write, path) }
      guard count > 0 else { throw FileError(.write, path, code: EIO) }
      written += count
    }
  }

  /// Moves the file to its final path.
  ///
  /// - Throws: `FileError` if the system refuses; an existing file is then unchanged.
  public consuming func commit() throws(FileError) {
    if isDurable { try Self.synchronize(descriptor, path) }
    try Self.requireRegularOrAbsent(path)
    guard rename(temporary, path) == 0 else { throw FileError(.rename, path) }
    if isDurable { try Self.synchronizeDirectory(of: path) }
  }

  deinit {
    close(descriptor)
    unlink(temporary)  // does nothing after `commit`, which has renamed it
  }

  /// Writes a whole file at once, with the same guarantees as `init`, `write(_:)` and `commit`.
  public static func write(_ bytes: RawSpan, to path: String, isDurable: Bool = false)
    throws(FileError)
  {
    var file = try NewFile(at: path, isDurable: isDurable)
    try file.write(bytes)
    try file.commit()
  }

  /// Writes a collection of bytes as a whole file.
  public static func write(
    _ bytes: some Collection<UInt8>, to path: String, isDurable: Bool = false
  ) throws(FileError) {
    let array = Array(bytes)
    try write(array.span.bytes, to: path, isDurable: isDurable)
  }

  /// Writes text as a whole file in UTF-8.
  public static func write(_ text: String, to path: String, isDurable: Bool = false)
    throws(FileError)
  {
    try write(text.utf8, to: path, isDurable: isDurable)
  }

  /// Throws if the path exists and is not a regular file, such as a link, a pipe, a device or a directory.
  public static func requireRegularOrAbsent(_ path: String) throws(FileError) {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      guard errno == ENOENT else { throw FileError(.create, path) }
      return
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw FileError(
        .create, path,
        reason: "it is \(kind(of: status.st_mode)), expected a regular file or no file")
    }
  }

  /// Throws if a rename cannot replace the path.
  ///
  /// These are the paths that `requireRegularOrAbsent` refuses, files marked as immutable or append-only (`chattr(1)`),
  /// and another user's files in a directory with the sticky bit (`/tmp`), where only owners may replace files.
  public static func requireReplaceable(_ path: String) throws(FileError) {
    try requireRegularOrAbsent(path)
    var (file, folder) = (stat(), stat())
    guard lstat(path, &file) == 0 else { return }
    let isSticky = stat(split(path).directory, &folder) == 0 && folder.st_mode & 0o1000 != 0
    guard !isSticky || [0, file.st_uid, folder.st_uid].contains(geteuid()) else {
      throw FileError(.rename, path, reason: "it belongs to another user")
    }
    let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return }  // a file without read permission can still be replaced
    defer { close(descriptor) }
    var flags = 0
    let isKnown = ioctl(descriptor, 0x8008_6601, &flags) == 0  // FS_IOC_GETFLAGS
    guard !isKnown || flags & 0x30 == 0 else {  // FS_IMMUTABLE_FL, FS_APPEND_FL
      throw FileError(
        .rename, path, reason: "it is immutable or append-only: run chattr -ia \(path)")
    }
  }

  private static func kind(of mode: mode_t) -> String {
    switch mode & S_IFMT {
    case S_IFLNK: "a symbolic link"
    case S_IFIFO: "a pipe"
    case S_IFDIR: "a directory"
    case S_IFSOCK: "a socket"
    default: "a device"
    }
  }

  /// Waits until a file or directory is on disk.
  public static func synchronize(_ path: String) throws(FileError) {
    let descriptor = retrying { open(path, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw FileError(.synchronize, path) }
    defer { close(descriptor) }
    try synchronize(descriptor, path)
  }

  private static func synchronize(_ descriptor: Int32, _ path: String) throws(FileError) {
    // EINVAL: the file system has no fsync.
    guard retrying({ fsync(descriptor) }) == 0 || errno == EINVAL else {
      throw FileError(.synchronize, path)
    }
  }

  private static func synchronizeDirectory(of path: String) throws(FileError) {
    try synchronize(split(path).directory)
  }

  private static func split(_ path: String) -> (directory: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let directory = slash == path.startIndex ? "/" : String(path[..<slash])
    return (directory, String(path[path.index(after: slash)...]))
  }
}

/// Repeats a call as long as signals interrupt it.
func retrying<Count: SignedInteger>(_ call: () -> Count) -> Count {
  while true {
    let result = call()
    if result >= 0 || errno != EINTR { return result }
  }
}

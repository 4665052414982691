import Glibc
import Synchronization

/// A file that appears under its name whole or not at all.
///
/// Bytes go to a temporary file beside it, `.NAME.PROCESS-NUMBER.part`, which `commit` renames; one that is dropped
/// before leaves nothing. A short write is continued and an interrupted call repeated, as POSIX asks of every caller of
/// `write` (IEEE Std 1003.1-2017). Nothing is ever written through a link: the temporary file must be new, and what is
/// replaced must be a regular file.
public struct NewFile: ~Copyable {
  public let path: String
  let temporary: String
  private let descriptor: Int32
  private let isDurable: Bool

  private static let counter = Atomic(0)

  /// Creates the temporary file.
  ///
  /// - Parameters:
  ///   - path: the name under which the file appears; what is there is replaced.
  ///   - directory: where it grows, on the file system of `path`; nil: beside it.
  ///   - isDurable: whether `commit` waits until the bytes and the name are on the disk, so that not even a power cut
  ///     leaves an empty file.
  /// - Throws: if it cannot be created, or something other than a regular file has the name.
  public init(at path: String, growingIn directory: String? = nil, isDurable: Bool = false)
    throws(FileError)
  {
    try Self.requireRegularOrAbsent(path)
    let (parent, name) = Self.split(path)
    let number = Self.counter.add(1, ordering: .relaxed).newValue
    let temporary = "\(directory ?? parent)/.\(name).\(getpid())-\(number).part"
    unlink(temporary)  // of a process that had this number before, and was killed
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let descriptor = retrying { open(temporary, flags, 0o666) }
    guard descriptor >= 0 else { throw FileError(.create, temporary) }
    self.path = path
    self.temporary = temporary
    self.descriptor = descriptor
    self.isDurable = isDurable
  }

  /// Writes the next bytes, all of them.
  ///
  /// - Throws: if the system refuses; the file can only be dropped then.
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

  /// Puts the file in place.
  ///
  /// - Throws: if the system refuses; then what was there before is as it was.
  public consuming func commit() throws(FileError) {
    if isDurable { try Self.synchronize(descriptor, path) }
    try Self.requireRegularOrAbsent(path)
    guard rename(temporary, path) == 0 else { throw FileError(.rename, path) }
    if isDurable { try Self.synchronizeDirectory(of: path) }
  }

  deinit {
    close(descriptor)
    unlink(temporary)  // gone already where it was put in place
  }

  /// Writes a whole file at once; as the steps one by one.
  public static func write(_ bytes: RawSpan, to path: String, isDurable: Bool = false)
    throws(FileError)
  {
    var file = try NewFile(at: path, isDurable: isDurable)
    try file.write(bytes)
    try file.commit()
  }

  /// Writes bytes of any kind; as the above.
  public static func write(
    _ bytes: some Collection<UInt8>, to path: String, isDurable: Bool = false
  ) throws(FileError) {
    let array = Array(bytes)
    try write(array.span.bytes, to: path, isDurable: isDurable)
  }

  /// Writes text as UTF-8; as the above.
  public static func write(_ text: String, to path: String, isDurable: Bool = false)
    throws(FileError)
  {
    try write(text.utf8, to: path, isDurable: isDurable)
  }

  /// Refuses a name that leads to a link, a pipe, a device or a directory.
  public static func requireRegularOrAbsent(_ path: String) throws(FileError) {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      guard errno == ENOENT else { throw FileError(.create, path) }
      return
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw FileError(
        .create, path,
        reason: "it is \(kind(of: status.st_mode)), expected a regular file or nothing")
    }
  }

  /// The same, and refuses what no rename can replace: a file marked as immutable or append-only (`chattr(1)`), and
  /// another user's in a directory where only owners may (`/tmp`).
  public static func requireReplaceable(_ path: String) throws(FileError) {
    try requireRegularOrAbsent(path)
    var (file, folder) = (stat(), stat())
    guard lstat(path, &file) == 0 else { return }
    let isSticky = stat(split(path).directory, &folder) == 0 && folder.st_mode & 0o1000 != 0
    guard !isSticky || [0, file.st_uid, folder.st_uid].contains(geteuid()) else {
      throw FileError(.rename, path, reason: "it belongs to another user")
    }
    let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return }  // what may not be read can still be replaced
    defer { close(descriptor) }
    var flags = 0
    let isKnown = ioctl(descriptor, 0x8008_6601, &flags) == 0  // FS_IOC_GETFLAGS
    guard !isKnown || flags & 0x30 == 0 else {  // FS_IMMUTABLE_FL, FS_APPEND_FL
      throw FileError(.rename, path, reason: "it is immutable or append-only: chattr -ia \(path)")
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

  /// Waits until a file or directory of that name is on the disk.
  public static func synchronize(_ path: String) throws(FileError) {
    let descriptor = retrying { open(path, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw FileError(.synchronize, path) }
    defer { close(descriptor) }
    try synchronize(descriptor, path)
  }

  private static func synchronize(_ descriptor: Int32, _ path: String) throws(FileError) {
    // EINVAL: a file system without fsync.
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

/// Repeats a call that a signal interrupted.
func retrying<Count: SignedInteger>(_ call: () -> Count) -> Count {
  while true {
    let result = call()
    if result >= 0 || errno != EINTR { return result }
  }
}

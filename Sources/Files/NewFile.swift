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

  /// Writes text as UTF-8; as the above.
  public static func write(_ text: String, to path: String, isDurable: Bool = false)
    throws(FileError)
  {
    try write(Array(text.utf8).span.bytes, to: path, isDurable: isDurable)
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

  private static func kind(of mode: mode_t) -> String {
    switch mode & S_IFMT {
    case S_IFLNK: "a symbolic link"
    case S_IFIFO: "a pipe"
    case S_IFDIR: "a directory"
    case S_IFSOCK: "a socket"
    default: "a device"
    }
  }

  private static func synchronize(_ descriptor: Int32, _ path: String) throws(FileError) {
    // EINVAL: a file system without fsync.
    guard retrying({ fsync(descriptor) }) == 0 || errno == EINVAL else {
      throw FileError(.synchronize, path)
    }
  }

  private static func synchronizeDirectory(of path: String) throws(FileError) {
    let directory = split(path).directory
    let descriptor = retrying { open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw FileError(.synchronize, directory) }
    defer { close(descriptor) }
    try synchronize(descriptor, directory)
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

import Files
import Foundation

/// An exclusive advisory lock on a folder, held on a file in it by one process at a time.
///
/// The kernel releases the lock when its owner ends, by any signal, so a killed run blocks nobody. Child processes do
/// not inherit it.
package struct FolderLock: ~Copyable, Sendable {
  /// The name of the lock file.
  static let name = "run.lock"

  private let folder: String
  private let descriptor: Int32

  /// The number of attempts to take a held lock, 20 ms apart; `holder(of:)` holds it only for an instant.
  private static let attempts = 5

  /// Creates the folder if necessary, and locks it.
  ///
  /// - Throws: `SceneError` with the process that holds the lock, or with the reason why the folder cannot be locked.
  package init(_ folder: String) throws {
    self.folder = folder
    descriptor = try Self.locked(in: folder)
    let host = ProcessInfo.processInfo.hostName
    let note = "process \(getpid()) on \(host) since \(Date.now.formatted(.iso8601))\n"
    ftruncate(descriptor, 0)
    _ = note.withCString { pwrite(descriptor, $0, strlen($0), 0) }
  }

  private static func locked(in folder: String) throws -> Int32 {
    let file = folder + "/" + name
    var attempt = 0
    while true {
      guard mkdir(folder, 0o777) == 0 || errno == EEXIST else {
        throw lockError("cannot create the folder \(folder)")
      }
      let descriptor = open(file, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else {
        // The last owner may just have removed the folder; a dangling link keeps failing.
        guard errno == ENOENT, attempt + 1 < attempts else {
          throw lockError("cannot open \(file)")
        }
        attempt += 1
        continue
      }
      let code = flock(descriptor, LOCK_EX | LOCK_NB) == 0 ? 0 : errno
      // The last owner may have removed the file before it released the lock; then this lock is on a deleted file.
      if code == 0, isSame(descriptor, file) { return descriptor }
      close(descriptor)
      switch code {
      case 0: continue
      case EWOULDBLOCK where attempt + 1 < attempts:
        attempt += 1
        usleep(20_000)
      case EWOULDBLOCK: throw inUseError(folder)
      default: throw lockError("cannot lock \(file)", code)
      }
    }
  }

  deinit { close(descriptor) }

  /// Removes the folder if it contains nothing else; until this lock is released, no other process can lock it.
  func removeFolder() {
    unlink(folder + "/" + Self.name)
    // This fails with ENOTEMPTY if the folder has other files, or if another run has just started.
    rmdir(folder)
  }

  /// The process that holds the lock of a folder now; nil if it is not locked.
  ///
  /// Changes nothing.
  static func holder(of folder: String) -> String? {
    let file = folder + "/" + name
    let descriptor = open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK else { return nil }
    let note = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
    return note.isEmpty ? "another process" : note.trimmingCharacters(in: .newlines)
  }

  /// The error for a folder that another run has locked.
  static func inUseError(_ folder: String) -> SceneError {
    SceneError(
      .cannotCreate,
      "\(folder) is in use by \(holder(of: folder) ?? "another process"), expected one run at a time"
    )
  }

  private static func lockError(_ text: String, _ code: Int32 = errno) -> SceneError {
    let error = FileError(.create, text, code: code)
    return SceneError(error.isTransient ? .io : .cannotCreate, "\(text): \(error.reason)")
  }

  /// Whether a path still refers to the open file.
  private static func isSame(_ descriptor: Int32, _ path: String) -> Bool {
    guard let mine = FileStatus(descriptor: descriptor), let found = FileStatus(path) else {
      return false
    }
    return (mine.device, mine.inode) == (found.device, found.inode)
  }
}

import Files
import Foundation

/// The right to change a folder, which one process has at a time: an advisory lock on a file in it.
///
/// The kernel lets go when its owner ends, by whatever signal, so a killed run locks nobody out. Children do
/// not inherit it.
package struct FolderLock: ~Copyable, Sendable {
  static let name = "run.lock"

  private let folder: String
  private let descriptor: Int32

  /// How often a lock that is held is asked for again, 20 ms apart: who only looks holds it for an instant.
  private static let attempts = 5

  /// Makes the folder if need be, and locks it.
  ///
  /// - Throws: `SceneError` naming the process that holds it, or saying why it cannot be locked.
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
        throw refusal("cannot make the folder \(folder)")
      }
      let descriptor = open(file, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else {
        // Its last owner may have removed the folder in this moment; a link to nowhere stays one.
        guard errno == ENOENT, attempt + 1 < attempts else { throw refusal("cannot open \(file)") }
        attempt += 1
        continue
      }
      let code = flock(descriptor, LOCK_EX | LOCK_NB) == 0 ? 0 : errno
      // Its last owner may have removed the file before letting go: then the lock is on nothing.
      if code == 0, isSame(descriptor, file) { return descriptor }
      close(descriptor)
      switch code {
      case 0: continue
      case EWOULDBLOCK where attempt + 1 < attempts:
        attempt += 1
        usleep(20_000)
      case EWOULDBLOCK: throw taken(folder)
      default: throw refusal("cannot lock \(file)", code)
      }
    }
  }

  deinit { close(descriptor) }

  /// Removes the folder, if nothing else is in it; until this lock is let go, nobody else can be in between.
  func removeFolder() {
    unlink(folder + "/" + Self.name)
    rmdir(folder)  // answers ENOTEMPTY where others have put something, or have just begun
  }

  /// Who holds the lock of a folder now, nil for nobody; changes nothing.
  static func holder(of folder: String) -> String? {
    let file = folder + "/" + name
    let descriptor = open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK else { return nil }
    let note = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
    return note.isEmpty ? "another process" : note.trimmingCharacters(in: .newlines)
  }

  /// That a run is at work on a folder.
  static func taken(_ folder: String) -> SceneError {
    SceneError(
      .cannotCreate,
      "\(folder) is being worked on by \(holder(of: folder) ?? "another process"): one run at a time"
    )
  }

  private static func refusal(_ text: String, _ code: Int32 = errno) -> SceneError {
    let error = FileError(.create, text, code: code)
    return SceneError(error.mayPass ? .io : .cannotCreate, "\(text): \(error.reason)")
  }

  /// Whether a path still leads to the open file.
  private static func isSame(_ descriptor: Int32, _ path: String) -> Bool {
    guard let mine = FileStatus(descriptor: descriptor), let found = FileStatus(path) else {
      return false
    }
    return (mine.device, mine.inode) == (found.device, found.inode)
  }
}

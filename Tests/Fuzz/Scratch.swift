import Foundation

/// In-memory files for readers that take a path.
enum Scratch {
  static let folder: String = {
    let folder = "/dev/shm/relief-fuzz-\(getpid())"
    mkdir(folder, 0o700)
    atexit {
      do { try FileManager.default.removeItem(atPath: Scratch.folder) } catch { print("\(error)") }
    }
    return folder
  }()

  /// The last contents of each file, so that unchanged parts are not written again.
  nonisolated(unsafe) private static var written: [String: Data] = [:]

  /// Writes a file, creates its parent folders if necessary, and returns its path.
  @discardableResult
  static func file(_ name: String, _ bytes: Data) -> String {
    let path = folder + "/" + name
    if written[name] == bytes { return path }
    var descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    if descriptor < 0 {
      do {
        try FileManager.default.createDirectory(
          atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      } catch { fatalError("\(path): \(error)") }
      descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    }
    precondition(descriptor >= 0, "\(path): \(errno)")
    bytes.withUnsafeBytes {
      precondition(write(descriptor, $0.baseAddress, $0.count) == $0.count)
    }
    close(descriptor)
    written[name] = bytes
    return path
  }

  /// Writes the parts of an input, which are separated by zero bytes, to files in the given order.
  ///
  /// Empty parts create no file, because Foundation 6.3 for Linux leaks 4 KB for each empty file that it reads, which
  /// would hide leaks of our own.
  static func files(_ names: [String], of bytes: Data) {
    let parts = bytes.split(
      separator: 0, maxSplits: names.count - 1, omittingEmptySubsequences: false)
    for (index, name) in names.enumerated() {
      guard index < parts.count, !parts[index].isEmpty else {
        unlink(folder + "/" + name)
        written[name] = nil
        continue
      }
      file(name, Data(parts[index]))
    }
  }

  /// Forgets the last contents, so that all files are written again; call this after a reader may have changed them.
  static func forget() { written = [:] }
}

extension Data {
  /// Creates an input for `Scratch.files`.
  init(parts: [String]) { self = Data(parts.joined(separator: "\0").utf8) }

  var text: String { String(decoding: self, as: UTF8.self) }
}

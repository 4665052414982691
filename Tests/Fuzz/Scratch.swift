import Foundation

/// Files in memory, for readers that take a path.
enum Scratch {
  static let folder: String = {
    let folder = "/dev/shm/relief-fuzz-\(getpid())"
    mkdir(folder, 0o700)
    atexit {
      do { try FileManager.default.removeItem(atPath: Scratch.folder) } catch { print("\(error)") }
    }
    return folder
  }()

  /// What was written last, so that a part which stays as it was costs nothing.
  nonisolated(unsafe) private static var written: [String: Data] = [:]

  /// Writes a file, with the folders that it lies in, and returns its path.
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

  /// Files out of one input: its parts between zero bytes, in this order; those of empty parts are not there.
  ///
  /// Foundation 6.3 for Linux loses 4 KB with each empty file that it reads, which would hide what we lose.
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

  /// Makes the next one write whatever was written before: a reader may have changed the files.
  static func forget() { written = [:] }
}

extension Data {
  /// As one input for `Scratch.files`.
  init(parts: [String]) { self = Data(parts.joined(separator: "\0").utf8) }

  var text: String { String(decoding: self, as: UTF8.self) }
}

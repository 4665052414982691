import Glibc

/// A file without a name for intermediate numbers that need not be in memory; it vanishes with its owner.
package final class SpoolFile: Sendable {
  private let descriptor: Int32
  private let folder: String

  /// Creates the file.
  ///
  /// - Parameter folder: A folder on the disk to use.
  /// - Throws: `FileError` if it cannot be created.
  package init(in folder: String) throws(FileError) {
    var name = Array((folder + "/.relief-spool.XXXXXX").utf8CString)
    descriptor = mkstemp(&name)
    self.folder = folder
    guard descriptor >= 0 else { throw FileError(.create, folder) }
    unlink(name)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
  }

  deinit { close(descriptor) }

  /// Writes numbers at a position, in numbers.
  package func write(_ numbers: ArraySlice<Float>, at position: Int) throws(FileError) {
    var done = 0
    while done < 4 * numbers.count {
      let count = numbers.withUnsafeBytes { bytes in
        retrying {
          pwrite(
            descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(4 * position + done))
        }
      }
      guard count > 0 else { throw FileError(.write, folder) }
      done += count
    }
  }

  /// Reads numbers from a position, in numbers; those that were never written are 0.
  package func read(_ count: Int, at position: Int) throws(FileError) -> [Float] {
    var numbers = [Float](repeating: 0, count: count)
    var done = 0
    while done < 4 * count {
      let read = numbers.withUnsafeMutableBytes { bytes in
        retrying {
          pread(
            descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(4 * position + done))
        }
      }
      guard read >= 0 else { throw FileError(.read, folder) }
      if read == 0 { break }
      done += read
    }
    return numbers
  }
}

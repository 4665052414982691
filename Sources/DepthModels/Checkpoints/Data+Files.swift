import Files
import FoundationEssentials
import Glibc

extension Data {
  /// Maps a file into memory, to be read as its bytes are touched.
  init(mapping path: String) throws(ModelError) {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      throw errno == ENOENT
        ? ModelError(.noInput, "\(path) does not exist") : Self.unreadable(path)
    }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw Self.unreadable(path) }
    guard status.st_size > 0 else {
      self.init()
      return
    }
    let count = Int(status.st_size)
    guard let base = mmap(nil, count, PROT_READ, MAP_PRIVATE, file, 0), base != MAP_FAILED else {
      throw Self.unreadable(path)
    }
    self.init(bytesNoCopy: base, count: count, deallocator: .custom { munmap($0, $1) })
  }

  private static func unreadable(_ path: String) -> ModelError {
    ModelError(.io, "\(path) cannot be read: \(String(cString: strerror(errno)))")
  }

  /// Lets go of the memory that mapped bytes have been read into; they are read anew if they are touched again.
  ///
  /// Only for data of `init(mapping:)`: of other memory, the contents would be lost.
  func forgetMapped() {
    withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      let page = sysconf(Int32(_SC_PAGESIZE))
      let skipped = (page - Int(bitPattern: base) % page) % page
      let count = (bytes.count - skipped) / page * page
      if count > 0 {
        madvise(UnsafeMutableRawPointer(mutating: base + skipped), count, MADV_DONTNEED)
      }
    }
  }

  /// SHA-256 in lower-case hexadecimal.
  package var sha256: String {
    SHA256.hexadecimal(of: bytes)
  }
}

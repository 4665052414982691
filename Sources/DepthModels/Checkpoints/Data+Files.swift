import Files
import FoundationEssentials
import Glibc

extension Data {
  /// Reads a whole file, which must be small: at most 1 GiB.
  init(reading path: String) throws(ModelError) {
    self.init(
      try DepthModels.reading { () throws(FileError) in try WholeFile.read(path, limit: 1 << 30) })
  }

  /// Maps a file into memory, so that bytes are read on access.
  ///
  /// Use this only for large files that are read in scattered pieces: if a mapped file is truncated, the process is
  /// terminated by SIGBUS.
  init(mapping path: String) throws(ModelError) {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw Self.unreadable(path) }
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

  /// The SHA-256 hash in lowercase hexadecimal.
  package var sha256: String {
    SHA256.hexadecimal(of: bytes)
  }
}

extension ModelError {
  /// Creates an error from the failure of a file operation.
  init(_ error: FileError) {
    let kind: Kind =
      if error.isTransient { .io } else if error.code == 0 { .badData } else { .noInput }
    self.init(kind, error.isMissing ? "\(error.path) does not exist" : error.description)
  }
}

/// Runs an operation that reads a file and converts its failure into a `ModelError`.
func reading<Value>(_ body: () throws(FileError) -> Value) throws(ModelError) -> Value {
  do throws(FileError) { return try body() } catch { throw ModelError(error) }
}

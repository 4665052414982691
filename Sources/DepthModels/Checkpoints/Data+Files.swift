import Crypto
import FoundationEssentials

extension Data {
  /// Maps a file into memory, to be read as its bytes are touched.
  init(mapping path: String) throws(ModelError) {
    do {
      try self.init(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
    } catch {
      guard FileManager.default.fileExists(atPath: path) else {
        throw ModelError(.noInput, "\(path) does not exist")
      }
      throw ModelError(.io, "\(path) cannot be read: \(error)")
    }
  }

  /// SHA-256 in lower-case hexadecimal.
  var sha256: String {
    SHA256.hash(data: self).map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}

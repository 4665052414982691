import CCrypto

/// SHA-256 (FIPS 180-4, doi:10.6028/NIST.FIPS.180-4) by the system's libcrypto, piece by piece.
public struct SHA256: ~Copyable {
  private let context: OpaquePointer

  /// Of nothing yet.
  public init() {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      preconditionFailure("libcrypto has SHA-256, and memory for its 112 bytes")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Adds bytes at the end.
  public mutating func update(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { bytes in
      let status = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
      precondition(status == 1, "a digest in memory takes any bytes")
    }
  }

  /// The 32 bytes of the digest.
  public consuming func digest() -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    let status = EVP_DigestFinal_ex(context, &digest, nil)
    precondition(status == 1, "a digest in memory can be finished")
    return digest
  }

  /// The 64 lower-case hexadecimal digits.
  public consuming func hexadecimal() -> String {
    String(
      decoding: digest().flatMap { [Self.digits[Int($0 >> 4)], Self.digits[Int($0 & 15)]] },
      as: UTF8.self)
  }

  /// Of some bytes at once.
  public static func hexadecimal(of bytes: RawSpan) -> String {
    var hash = SHA256()
    hash.update(bytes)
    return hash.hexadecimal()
  }

  private static let digits = Array("0123456789abcdef".utf8)
}

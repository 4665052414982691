import CCrypto

/// An incremental SHA-256 hash (FIPS 180-4, doi:10.6028/NIST.FIPS.180-4), computed by the system's libcrypto.
public struct SHA256: ~Copyable {
  private let context: OpaquePointer

  /// Creates the hash of no bytes.
  public init() {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      preconditionFailure("libcrypto could not create a SHA-256 context")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Appends bytes to the hashed data.
  public mutating func update(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { bytes in
      let status = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
      precondition(status == 1, "libcrypto could not update a SHA-256 context")
    }
  }

  /// Returns the 32 bytes of the digest.
  public consuming func digest() -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    let status = EVP_DigestFinal_ex(context, &digest, nil)
    precondition(status == 1, "libcrypto could not finish a SHA-256 digest")
    return digest
  }

  /// Returns the digest as 64 lowercase hexadecimal digits.
  public consuming func hexadecimal() -> String {
    String(
      decoding: digest().flatMap { [Self.digits[Int($0 >> 4)], Self.digits[Int($0 & 15)]] },
      as: UTF8.self)
  }

  /// Returns the digest of some bytes as 64 lowercase hexadecimal digits.
  public static func hexadecimal(of bytes: RawSpan) -> String {
    var hash = SHA256()
    hash.update(bytes)
    return hash.hexadecimal()
  }

  private static let digits = Array("0123456789abcdef".utf8)
}

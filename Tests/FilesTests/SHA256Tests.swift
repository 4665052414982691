import Files
import Testing

@Suite struct SHA256Tests {
  /// Uses the examples of FIPS 180-4 (NIST's "SHA-256 examples") and the empty message.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ]) func `digests match the standard's, computed at once and byte by byte`(
    message: String, digest: String
  ) {
    let bytes = Array(message.utf8)
    #expect(SHA256.hexadecimal(of: bytes.span.bytes) == digest)
    var hash = SHA256()
    for byte in bytes { hash.update([byte].span.bytes) }
    #expect(hash.hexadecimal() == digest)
  }
}

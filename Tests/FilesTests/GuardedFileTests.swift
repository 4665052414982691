import Files
import Foundation
import Testing
import TestSupport

/// Tests random access and the behavior after errors.
@Suite struct GuardedFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func `random reads, writes and truncations match those of an array`(seed: UInt64) throws {
    var random = Xorshift(state: seed)
    let file = try GuardedFile(folder("a"), .create)
    var model: [UInt8] = []
    for _ in 0..<400 {
      let (offset, count) = (
        Int.random(in: 0...300, using: &random), Int.random(in: 0...40, using: &random)
      )
      #expect(file.seek(to: offset))
      switch Int.random(in: 0..<5, using: &random) {
      case 0:
        #expect(file.truncate(to: offset))
        model =
          Array(model.prefix(offset)) + Array(repeating: 0, count: max(0, offset - model.count))
      case 1, 2:
        let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
        #expect(bytes.withUnsafeBytes { file.write($0) } == count)
        if count > 0 {
          model += Array(repeating: 0, count: max(0, offset + count - model.count))
          model.replaceSubrange(offset..<offset + count, with: bytes)
        }
      default:
        var bytes = [UInt8](repeating: 7, count: count)
        let expected = model.dropFirst(offset).prefix(count)
        #expect(bytes.withUnsafeMutableBytes { file.read(into: $0) } == expected.count)
        #expect(bytes.prefix(expected.count) == expected)
        #expect(file.isAtEnd == (expected.count < count))
      }
      #expect(file.size == model.count)
    }
    #expect(try WholeFile.read(folder("a")) == model && file.failure == nil)
  }

  @Test func `after a failed call nothing more is read or written`() throws {
    try NewFile.write("abc", to: folder("a"))
    let file = try GuardedFile(folder("a"), .read)
    var byte: [UInt8] = [0]
    #expect(byte.withUnsafeMutableBytes { file.read(into: $0) } == 1 && byte == [97])
    #expect(byte.withUnsafeBytes { file.write($0) } == 0, "the file is open only for reading")
    #expect(file.failure?.code == EBADF && file.failure?.operation == .write)
    #expect(byte.withUnsafeMutableBytes { file.read(into: $0) } == 0)
    #expect(!file.truncate(to: 0) && file.failure?.code == EBADF)
    #expect(!file.seek(to: -1) && file.seek(to: 2))
  }

  @Test func `links and folders cannot be opened for writing`() throws {
    try NewFile.write("abc", to: folder("a"))
    try FileManager.default.createSymbolicLink(
      atPath: folder("link"), withDestinationPath: folder("a"))
    for access in [GuardedFile.Access.update, .create] {
      #expect(throws: FileError.self) { try GuardedFile(folder("link"), access) }
      #expect(throws: FileError.self) { try GuardedFile(folder.path, access) }
    }
    #expect(throws: FileError.self) { try GuardedFile(folder("none"), .update) }
    #expect(try WholeFile.read(folder("a")) == Array("abc".utf8))
  }
}

/// A pseudorandom number generator.
///
/// Source: Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8(14), 2003, doi:10.18637/jss.v008.i14.
private struct Xorshift: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}

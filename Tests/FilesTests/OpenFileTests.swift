import Files
import Foundation
import TestSupport
import Testing

/// A file that changes while it is open throws an error that a retry may resolve, and never raises a signal.
@Suite struct OpenFileTests {
  let folder: TemporaryFolder
  let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }

  init() throws { folder = try TemporaryFolder() }

  private func open() throws -> OpenFile {
    try NewFile.write(bytes.span.bytes, to: folder("a"))
    return try OpenFile(folder("a"))
  }

  @Test func `ranges and digest match the bytes of the file`() throws {
    let file = try open()
    #expect(try file.bytes(5..<70_000) == Array(bytes[5..<70_000]))
    #expect(try file.bytes(7..<7) == [])
    #expect(try file.sha256() == SHA256.hexadecimal(of: bytes.span.bytes))
    try file.requireUnchanged()
  }

  @Test func `reading beyond the end of a truncated file throws`() throws {
    let file = try open()
    truncate(folder("a"), 1000)
    #expect(try file.bytes(0..<1000) == Array(bytes[..<1000]))
    let error = try #require(throws: FileError.self) { try file.bytes(0..<1001) }
    #expect(error.isTransient && error.reason.contains("changed while it was read"))
    #expect(throws: FileError.self) { try file.requireUnchanged() }
  }

  @Test
  func `changes in place are detected, and a new file under the same name is ignored`() throws {
    let file = try open()
    try NewFile.write("another", to: folder("a"))
    try file.requireUnchanged()
    #expect(try file.bytes(0..<bytes.count) == bytes)
    let second = try OpenFile(folder("a"))
    usleep(20_000)  // file times have the resolution of the system's ticks
    let writer = try #require(FileHandle(forUpdatingAtPath: folder("a")))
    try writer.write(contentsOf: Data("x".utf8))
    try writer.close()
    let error = try #require(throws: FileError.self) { try second.requireUnchanged() }
    #expect(error.isTransient)
  }

  @Test func `pipes, folders and missing files are refused`() throws {
    mkfifo(folder("pipe"), 0o600)
    for name in ["pipe", "", "none"] {
      let error = try #require(throws: FileError.self) { try OpenFile(folder(name)) }
      #expect(error.isMissing == (name == "none"))
    }
  }
}

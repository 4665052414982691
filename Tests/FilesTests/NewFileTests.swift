import Files
import Foundation
import TestSupport
import Testing

@Suite struct NewFileTests {
  @Test func `a file contains what was written and replaces an existing file`() throws {
    let folder = try TemporaryFolder()
    for text in ["first", "the second, which is longer", ""] {
      try NewFile.write(text, to: folder("a"), isDurable: true)
      #expect(try WholeFile.read(folder("a")) == Array(text.utf8))
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder("")) == ["a"])
  }

  @Test func `a file that is dropped leaves the existing file and nothing else`() throws {
    let folder = try TemporaryFolder()
    try NewFile.write("old", to: folder("a"))
    do {
      var file = try NewFile(at: folder("a"))
      try file.write(Array("new".utf8).span.bytes)
    }
    #expect(try WholeFile.read(folder("a")) == Array("old".utf8))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder("")) == ["a"])
  }

  @Test func `links, pipes and folders are neither followed nor replaced`() throws {
    let folder = try TemporaryFolder()
    try NewFile.write("kept", to: folder("target"))
    symlink(folder("target"), folder("link"))
    mkfifo(folder("pipe"), 0o600)
    mkdir(folder("folder"), 0o700)
    for (name, kind) in [
      ("link", "a symbolic link"), ("pipe", "a pipe"), ("folder", "a directory"),
    ] {
      let error = try #require(throws: FileError.self) { try NewFile.write("x", to: folder(name)) }
      #expect(error.reason.contains(kind) && !error.isTransient)
    }
    #expect(try WholeFile.read(folder("target")) == Array("kept".utf8))
    #expect(throws: FileError.self) { try WholeFile.read(folder("pipe")) }
  }

  @Test func `a missing folder and a file that is too long are reported`() throws {
    let folder = try TemporaryFolder()
    let error = try #require(throws: FileError.self) { try NewFile.write("x", to: folder("a/b")) }
    #expect(error.isMissing && error.operation == .create)
    try NewFile.write("12345", to: folder("c"))
    #expect(throws: FileError.self) { try WholeFile.read(folder("c"), limit: 4) }
  }
}

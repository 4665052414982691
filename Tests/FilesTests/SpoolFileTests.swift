import Files
import Foundation
import TestSupport
import Testing

@Suite struct SpoolFileTests {
  @Test func `numbers are read where they were written, and the folder stays empty`() throws {
    let folder = try TemporaryFolder()
    let file = try SpoolFile(in: folder.path)
    let numbers = (0..<5000).map { Float($0) / 7 }
    try file.write(numbers[...], at: 100_000)
    try file.write(numbers[10..<20], at: 3)
    #expect(try file.read(5000, at: 100_000) == numbers)
    #expect(try file.read(12, at: 2) == [0] + numbers[10..<20] + [0])
    #expect(try names(in: folder.path).isEmpty)
  }

  @Test func `a folder that does not exist is an error`() throws {
    let folder = try TemporaryFolder()
    #expect(throws: FileError.self) { try SpoolFile(in: folder("none")) }
  }
}

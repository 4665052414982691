import Foundation
import Rasters
import TestSupport
import Testing

/// Opening an archive or folder throws an error that lists the rasters in it.
@Suite struct ArchiveTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: folder("in/deep"), withIntermediateDirectories: true)
    for name in ["in/a.tif", "in/deep/b.tif"] {
      try makeRaster(at: folder(name), width: 4, height: 4, bands: [noise(16)])
    }
    try "words".write(toFile: folder("in/read.me"), atomically: true, encoding: .utf8)
  }

  private func run(_ program: String, _ arguments: [String]) throws {
    try #require(runProgram([program] + arguments, in: folder("in")) == 0)
  }

  private func refusal(_ path: String) throws -> String {
    let error = #expect(throws: RasterError.self) { _ = try Dataset(reading: path) }
    #expect(error?.kind == .badData)
    return try #require(error?.message)
  }

  @Test(arguments: [("s.tar", "/vsitar/", "-cf"), ("s.tgz", "/vsitar/", "-czf")])
  func `the error for a tar of two rasters lists both, with and without the prefix`(
    name: String, prefix: String, flags: String
  ) throws {
    try run("tar", [flags, folder(name), "a.tif", "deep/b.tif", "read.me"])
    for path in [folder(name), prefix + folder(name)] {
      let message = try refusal(path)
      for raster in ["a.tif", "deep/b.tif"] {
        #expect(message.contains("\n  \(prefix)\(folder(name))/\(raster)"))
        _ = try Dataset(reading: "\(prefix)\(folder(name))/\(raster)")
      }
      #expect(!message.contains("read.me"))
    }
  }

  @Test func `the error for a zip of two rasters lists both, with and without the prefix`() throws {
    let script =
      "import zipfile; z = zipfile.ZipFile('../s.zip', 'w'); z.write('a.tif'); z.write('deep/b.tif')"
    try run("python3", ["-c", script])
    for path in [folder("s.zip"), "/vsizip/" + folder("s.zip")] {
      let message = try refusal(path)
      #expect(message.contains("/vsizip/\(folder("s.zip"))/a.tif"))
      #expect(message.contains("/vsizip/\(folder("s.zip"))/deep/b.tif"))
    }
  }

  @Test func `rasters of the upper folder are listed first`() throws {
    for number in 0..<30 {
      try FileManager.default.copyItem(
        atPath: folder("in/a.tif"), toPath: folder("in/deep/a\(number).tif"))
    }
    try FileManager.default.moveItem(atPath: folder("in/a.tif"), toPath: folder("in/z.tif"))
    let lines = try refusal(folder("in")).split(separator: "\n")
    #expect(lines.dropFirst().first == "  \(folder("in"))/z.tif")
    #expect(lines.count == 1 + 20 + 1 && lines.last == "  and 12 more")
  }

  @Test func `the error for a folder lists its rasters, and an empty folder cannot be opened`()
    throws
  {
    #expect(try refusal(folder("in")).contains("\n  \(folder("in"))/deep/b.tif"))
    try FileManager.default.createDirectory(
      atPath: folder("empty"), withIntermediateDirectories: true)
    #expect(throws: RasterError.self) { _ = try Dataset(reading: folder("empty")) }
  }
}

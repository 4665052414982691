import Foundation
import TestSupport
import Testing

/// Each kind of failure has its own exit code and a message, and leaves no file with the name of the output.
@Suite struct ExitCodeTests {
  let relief = Command(name: "relief")
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func expect(
    _ code: Int32, saying words: String, _ arguments: String..., from command: Command? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let result = try (command ?? relief).run(arguments)
    #expect(result.code == code, "\(result.errors)", sourceLocation: sourceLocation)
    #expect(
      result.errors.contains(words), "\(result.errors)", sourceLocation: sourceLocation)
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(!left.contains("dem.tif"), sourceLocation: sourceLocation)
  }

  @Test func `2: invalid options are errors`() throws {
    let dem = folder("dem.tif")
    try expect(2, saying: "Unknown option", "infer", Command.sample, dem, "--no-such")
    try expect(2, saying: "--stretch", "infer", Command.sample, dem, "--stretch", "9,1")
    try expect(
      2, saying: "exclusive", "infer", Command.sample, dem, "--window", "0,0,9,9", "--bbox",
      "0,0,1,1"
    )
    try expect(2, saying: "is empty", "infer", Command.sample, dem, "--window", "5,5,0,9")
    try expect(2, saying: "not inside", "infer", Command.sample, dem, "--window", "0,0,99999,9")
    try expect(2, saying: "band 9", "infer", Command.sample, dem, "--bands", "1,2,9")
    try expect(2, saying: "--bbox-crs", "infer", Command.sample, dem, "--bbox-crs", "EPSG:4326")
    try expect(2, saying: "multiple of 32", "infer", Command.sample, dem, "--tile", "100")
  }

  @Test(arguments: [
    ["--tile", "4611686018427387904"], ["--threads", "99999999999"], ["--ram", "999999999TB"],
    ["--window", "9223372036854775807,0,10,10"], ["--gsd", "1e-300", "--force-gsd"],
  ])
  func `2: numbers far outside the valid range are errors`(options: [String]) throws {
    let result = try relief.run(["infer", Command.sample, folder("dem.tif")] + options)
    #expect(result.code == 2, "\(result.errors)")
  }

  @Test func `2: the output must not be the scene`() throws {
    try expect(
      2, saying: "the scene itself", "infer", Command.sample, Command.sample, "--overwrite")
  }

  @Test func `65: a file that is not a raster is an error`() throws {
    let text = folder("notes.txt")
    try "no raster".write(toFile: text, atomically: true, encoding: .utf8)
    try expect(65, saying: "notes.txt", "infer", text, folder("dem.tif"))
  }

  @Test func `65: a bundle with changed weights is an error`() throws {
    let bundle = folder("bundle")
    try FileManager.default.copyItem(atPath: Command.root + "/SampleData/bundle", toPath: bundle)
    var weights = try Data(contentsOf: URL(filePath: bundle + "/coarse.safetensors"))
    weights[weights.count - 5] ^= 1
    try weights.write(to: URL(filePath: bundle + "/coarse.safetensors"))
    try expect(65, saying: "SHA-256", "model", "verify", bundle)
    try expect(65, saying: "SHA-256", "infer", Command.sample, folder("dem.tif"), "--model", bundle)
  }

  @Test func `66: a missing scene is an error`() throws {
    try expect(66, saying: "nowhere.tif", "infer", folder("nowhere.tif"), folder("dem.tif"))
  }

  @Test func `69: a missing bundle is an error`() throws {
    let astray = Command(name: "relief", environment: ["RELIEF_MODEL": folder("none")])
    try expect(69, saying: "none", "infer", Command.sample, folder("dem.tif"), from: astray)
  }

  @Test func `73: a missing output folder and an existing output are errors`() throws {
    try expect(73, saying: "missing", "infer", Command.sample, folder("missing/dem.tif"))
    let taken = folder("taken.tif")
    try "mine".write(toFile: taken, atomically: true, encoding: .utf8)
    try expect(73, saying: "taken.tif", "infer", Command.sample, taken)
    #expect(try String(contentsOfFile: taken, encoding: .utf8) == "mine")
  }

  @Test func `74: a disk that is too small is reported before the first tile`() throws {
    let disk = folder("disk")
    try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: false)
    guard try runProgram(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk]) == 0 else {
      try Test.cancel("mounting a small disk needs root")
    }
    defer { _ = try? runProgram(["umount", disk]) }
    let result = try relief("infer", Command.sample, disk + "/dem.tif")
    #expect(result.code == 74)
    #expect(result.errors.contains("free"), "\(result.errors)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: disk).isEmpty)
  }
}

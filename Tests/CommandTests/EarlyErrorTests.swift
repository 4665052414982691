import Foundation
import TestSupport
import Testing

/// Errors that would occur at the end of a run are reported before the first tile, with the right exit code.
@Suite struct EarlyErrorTests {
  let relief = Command(name: "relief")
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func infer(_ options: [String], from command: Command? = nil) throws -> Command.Result {
    try (command ?? relief).run(
      ["infer", Command.part.get(), folder("dem.tif"), "--window", "80,80,64,64", "--tile", "256"]
        + options)
  }

  @Test(arguments: ["COMPRESS=JPEG", "TILING_SCHEME=GoogleMapsCompatible", "RES=60"])
  func `2: creation options that change the pixels or the grid are refused`(option: String) throws {
    let result = try infer(["--co", option])
    #expect(result.code == 2 && result.errors.contains(option), "\(result.errors)")
    #expect(!result.errors.contains("coarse"))
    #expect(try names(in: folder.path) == [])
  }

  @Test(arguments: ["infer", "info", "status"])
  func `69: a missing PROJ database is reported, without messages of GDAL`(verb: String) throws {
    let astray = Command(name: "relief", environment: ["PROJ_LIB": "/nowhere", "PROJ_DATA": "/no"])
    let result = try astray.run(
      verb == "status"
        ? [verb, Command.sample]
        : [verb, Command.sample] + (verb == "infer" ? [folder("dem.tif")] : []))
    #expect(result.code == 69, "\(result.errors)")
    #expect(result.errors.contains("proj.db") && result.errors.contains("PROJ_LIB is /nowhere"))
    #expect(!result.errors.contains("ERROR"), "\(result.errors)")
    #expect(try names(in: folder.path) == [])
  }

  @Test func `0: a repeated command, and an output with another extension, succeed`() throws {
    for name in ["dem.tif", "dem.tiff", "dem.tif"] {
      let result = try relief.run(
        ["infer", Command.part.get(), folder(name), "--window", "80,80,64,64", "--tile", "256"])
      #expect(result.code == 0 && result.output == folder(name) + "\n", "\(result.errors)")
    }
    let again = try infer(["--progress", "json"])
    #expect(again.output.contains("\"wasAlreadyDone\":true"))
    let other = try infer(["--stretch", "minmax"])
    #expect(other.code == 73 && other.errors.contains("--overwrite"))
    #expect(try infer(["--stretch", "minmax", "--overwrite"]).code == 0)
  }
}

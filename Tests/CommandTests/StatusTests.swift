import Foundation
import TestSupport
import Testing

/// Tests of `relief status`, damaged scenes and killed runs.
@Suite struct StatusTests {
  let relief = Command(name: "relief")
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func `66: a path with neither an output nor an unfinished run is an error`() throws {
    let result = try relief("status", folder("dem.tif"))
    #expect(result.code == 66)
    #expect(result.errors.contains(folder("dem.tif")) && result.errors.contains("dem.relief"))
  }

  @Test func `status does not disturb a run in progress, and a second run is refused`() throws {
    let arguments = [
      "infer", Command.sample, folder("dem.tif"), "--steps", "0", "--threads", "1", "--progress",
      "json",
    ]
    let (process, output, _, _) = try relief.startUntilCoarse(arguments)
    let atWork = try relief("status", folder("dem.tif"))
    #expect(atWork.output.contains("at work: process \(process.processIdentifier)"))
    let second = try relief.run(arguments + ["--overwrite"])
    #expect(second.code == 73)
    #expect(second.errors.contains("process \(process.processIdentifier)"), "\(second.errors)")
    _ = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let result = try relief("status", folder("dem.tif"), "--json")
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    #expect(object["unfinished"] == nil)
    #expect((object["tags"] as? [String: String])?["RELIEF_PLAN_SHA256"]?.count == 64)
    #expect(try relief("status", folder("dem.tif")).output.contains("is finished"))
  }

  @Test func `65: a damaged scene gives an output with holes and a message`() throws {
    let scene = folder("damaged.tif")
    var bytes = try Data(contentsOf: URL(filePath: Command.sample))
    // Overwrites bytes that look like headers of zlib streams.
    for index in bytes.count / 2..<bytes.count * 3 / 5
    where bytes[index] == 0x78 && [0x01, 0x5e, 0x9c, 0xda].contains(bytes[index + 1]) {
      bytes[index] = 0xff
    }
    try bytes.write(to: URL(filePath: scene))
    let result = try relief("infer", scene, folder("dem.tif"), "--tile", "256")
    #expect(result.code == 65, "\(result.errors)")
    #expect(result.errors.contains("the same command") && result.errors.contains("coarse tile row"))
    let status = try relief("status", folder("dem.tif"))
    #expect(status.output.contains("RELIEF_HOLES") && status.output.contains("failed    coarse"))
  }

  /// Kills one run, or 50 with `RELIEF_TESTS=all`.
  @Test func `killed runs resume and end with the same bytes`() throws {
    let result = try Command(name: "/bin/bash")(
      Command.root + "/Tests/kill-resume.sh", relief.path, Command.areTestsComplete ? "50" : "1")
    #expect(result.code == 0, "\(result.output)\(result.errors)")
  }
}

import Foundation
import TestSupport
import Testing

/// Tests of `relief audit SCENE DEM --invariance` as users and scripts run it.
@Suite struct InvarianceTests {
  let relief = Command(name: "relief")
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private var dem: String { folder("dem.tif") }

  private let run = ["--bands", "1,2,3", "--tile", "128", "--overlap", "32", "--steps", "0"]

  private func infer(window: String = "30,30,260,260") throws {
    let result = try relief.run(["infer", Command.part.get(), dem, "--window", window] + run)
    #expect(result.code == 0, "\(result.errors)")
  }

  private func audit(_ options: String...) throws -> [String] {
    try ["audit", Command.part.get(), dem, "--invariance"] + run + options
  }

  @Test func `the invariance is printed as three lines or as JSON`() throws {
    try infer()
    let table = try relief.run(audit())
    #expect(table.code == 0, "\(table.errors)")
    for words in [
      "seams     height steps", "invariance  half a stride", "invariance  part",
      "bit-identical in 16900 pixels", "of P5–P95",
    ] { #expect(table.output.contains(words), "\(table.output)") }
    for words in ["half a stride  coarse", "part           merge", "threads        compare"] {
      #expect(table.errors.contains(words), "\(table.errors)")
    }
    #expect(try names(in: folder.path) == ["dem.qml", "dem.tif"])

    let json = try relief.run(audit("--json", "--progress", "none"))
    #expect(json.code == 0 && json.errors.isEmpty, "\(json.errors)")
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    let invariance = try #require(object["invariance"] as? [String: Any])
    let shift = try #require(invariance["halfStride"] as? [String: Any])
    let part = try #require(invariance["part"] as? [String: Any])
    let threads = try #require(invariance["threads"] as? [String: Any])
    #expect(shift["window"] as? String == "30,30,260,260" && shift["pixels"] as? Int == 67600)
    #expect(part["window"] as? String == "95,95,130,130" && part["pixels"] as? Int == 16900)
    #expect(threads["differentPixels"] as? Int == 0 && threads["pixels"] as? Int == 16900)
    let range = try #require(invariance["p95"] as? Double) - #require(invariance["p5"] as? Double)
    let (median, percent) = try (
      #require(shift["median"] as? Double), #require(shift["medianPercent"] as? Double)
    )
    #expect(median > 0 && abs(percent - 100 * median / range) < 1e-9)

    // 1: heights change by more than the limit of --fail-above-change.
    let failed = try relief.run(audit("--fail-above-change", "0", "--progress", "none"))
    #expect(failed.code == 1)
    #expect(failed.errors.contains("“half a stride”"), "\(failed.errors)")
    #expect(
      failed.output.contains("invariance  half a stride"),
      "the results are printed although the check fails")
    #expect(try names(in: folder.path) == ["dem.qml", "dem.tif"])
    #expect(try relief.run(audit("--fail-above-change", "100")).code == 0)
  }

  @Test func `2: invalid arguments are errors`() throws {
    let scene = Command.sample
    try makeRaster(at: dem, width: 100, height: 80, bands: [noise(8000)])
    for (arguments, words) in [
      ([dem, "--invariance"], "one path"), ([scene, dem], "--invariance"),
      ([scene, dem, dem, "--invariance"], "3 paths"), ([dem, "--bands", "1,2,3"], "--bands"),
      ([dem, "--threads", "2", "--gsd", "30"], "--gsd, --threads: only valid with"),
      ([dem, "--fail-above-change", "2"], "only valid with --invariance"),
      ([scene, dem, "--invariance", "--fail-above-change", "-1"], "--fail-above-change"),
      ([scene, dem, "--invariance", "--tile", "0"], "--tile 0"),
      ([scene, dem, "--invariance", "--window", "0,0,9,9"], "expected two"),
    ] {
      let result = try relief.run(["audit"] + arguments)
      #expect(result.code == 2 && result.errors.contains(words), "\(arguments): \(result.errors)")
    }
  }

  @Test func `2, 65, 66: other options, foreign rasters and missing scenes are errors`() throws {
    try infer(window: "80,80,64,64")
    let other = try relief("audit", Command.part.get(), dem, "--invariance", "--tile", "256")
    #expect(other.code == 2)
    for words in ["RELIEF_TILES", "“128x128 overlap 32”", "“256x256 overlap "] {
      #expect(other.errors.contains(words), "\(other.errors)")
    }
    #expect(try relief("audit", folder("none.tif"), dem, "--invariance").code == 66)
    try makeRaster(at: folder("plain.tif"), width: 100, height: 80, bands: [noise(8000)])
    let plain = try relief("audit", Command.part.get(), folder("plain.tif"), "--invariance")
    #expect(plain.code == 65 && plain.errors.contains("not an output of relief"), "\(plain.errors)")
    #expect(try names(in: folder.path) == ["dem.qml", "dem.tif", "plain.tif"])
  }

  @Test func `75: the same command resumes an interrupted audit`() throws {
    try infer()
    let arguments = try audit("--progress", "json", "--threads", "1", "--json")
    let (process, output, _, _) = try relief.startUntilCoarse(arguments)
    process.interrupt()
    _ = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 75)
    #expect(FileManager.default.fileExists(atPath: folder("dem.invariance/half-stride.relief")))
    let result = try relief.run(arguments)
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.contains("\"run\":\"halfStride\""))
    #expect(try names(in: folder.path) == ["dem.qml", "dem.tif"])
  }
}

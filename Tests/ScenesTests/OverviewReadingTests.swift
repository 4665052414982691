import Foundation
import Grids
import Rasters
import Scenes
import TestModels
import TestSupport
import Testing

/// Where the pixels of the overview come from: all pixels, read while the scene is measured or again, or the overviews
/// of the file.
@Suite struct OverviewReadingTests {
  let folder: TemporaryFolder
  let scene: String

  init() throws { (folder, scene) = try folderWithScene() }

  private func writeScene(overviews: [Int]) throws {
    var fixture = try SceneFixture()
    fixture.overviews = overviews
    try fixture.write(to: scene)
  }

  private func run(
    to name: String, readsAhead: Bool, sun: Double? = nil, fileOverviews: Bool = false
  ) async throws -> [Float] {
    var options = SceneOptions()
    (options.tileSize, options.overlap, options.memory) = (64, 16, 1 << 30)
    options.sunAzimuth = sun
    options.usesFileOverviews = fileOverviews
    let (source, model) = (try SceneSource(scene), BrightnessModel())
    let plan = try await ScenePlan.make(
      for: source, model: model, options: options, scratchFolder: readsAhead ? folder.path : nil)
    let run = try SceneRun(
      plan, scene: source, model: model, options: options, output: OutputOptions(folder(name)))
    _ = try await run()
    return try pixels(folder(name))
  }

  @Test(arguments: [nil, 45, 135, 225, 315] as [Double?])
  func `an overview made while measuring is the one that is read again`(sun: Double?) async throws {
    let ahead = try await run(to: "ahead.tif", readsAhead: true, sun: sun)
    #expect(try await run(to: "again.tif", readsAhead: false, sun: sun) == ahead)
  }

  @Test func `overviews of the file change heights slightly`() async throws {
    try writeScene(overviews: [2, 4])
    let all = try await run(to: "all.tif", readsAhead: true)
    let quick = try await run(to: "quick.tif", readsAhead: true, fileOverviews: true)
    let tags = try Dataset(reading: folder("quick.tif")).metadata()
    #expect(tags["RELIEF_FILE_OVERVIEW"] == "0")
    #expect(
      try Dataset(reading: folder("all.tif")).metadata()["RELIEF_PLAN_SHA256"]
        != tags["RELIEF_PLAN_SHA256"])
    let (lowest, highest) = (all.filter { $0 != -9999 }.min()!, all.max()!)
    let changes = zip(all, quick).map { abs($0 - $1) }
    #expect(changes.max()! > 0 && changes.max()! < 0.1 * (highest - lowest))
  }

  @Test func `a file without overviews that are large enough is rejected with what to do`()
    async throws
  {
    let none = await #expect(throws: SceneError.self) {
      _ = try await run(to: "dem.tif", readsAhead: true, fileOverviews: true)
    }
    #expect(none?.kind == .usage && none?.message.contains("gdaladdo") == true)
    try writeScene(overviews: [8])
    let small = await #expect(throws: SceneError.self) {
      _ = try await run(to: "dem.tif", readsAhead: true, fileOverviews: true)
    }
    #expect(small?.message.contains("38 × 28") == true)
  }
}

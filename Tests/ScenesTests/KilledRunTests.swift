import Foundation
import Grids
import Rasters
import Scenes
import TestModels
import TestSupport
import Testing

/// What a run that is killed can leave at each moment, and that the next one knows it.
@Suite struct KilledRunTests {
  let folder: TemporaryFolder
  let scene: String

  init() throws {
    folder = try TemporaryFolder()
    scene = folder("scene.tif")
    try SceneFixture().write(to: scene)
  }

  private func store() async throws -> FolderTileStore {
    var options = SceneOptions()
    (options.tileSize, options.overlap) = (64, 16)
    let plan = try await ScenePlan(SceneSource(scene), model: BrightnessModel(), options: options)
    return try FolderTileStore(folder("dem.relief"), plan: plan, replacing: false)
  }

  private func finish() async throws {
    _ = try await infer(scene, to: folder("dem.tif"))
    #expect(try names(in: folder.path).filter { $0.contains("dem") } == ["dem.qml", "dem.tif"])
  }

  @Test func `one run at a time, and the second says who is at work`() async throws {
    let first = try await store()
    await #expect {
      _ = try await store()
    } throws: {
      ($0 as? SceneError)?.kind == .cannotCreate && "\($0)".contains("process \(getpid())")
    }
    await #expect(throws: SceneError.self) {
      _ = try await infer(scene, to: folder("dem.tif"), overwriting: true)
    }
    let status = try OutputStatus(of: OutputOptions(folder("dem.tif")))
    #expect(status.unfinished?.writer?.contains("\(getpid())") == true && status.tags == nil)
    try first.remove()
    try await finish()
  }

  @Test func `who only looks keeps nobody out`() async throws {
    _ = try await store()
    let reader = try FolderTileStore(reading: folder("dem.relief"))
    _ = try await store()
    #expect(try reader.state(of: TileIndex(row: 0, column: 0), in: .coarse) == nil)
  }

  @Test func `cut off before the plan, or within its writing`() async throws {
    try FileManager.default.createDirectory(
      atPath: folder("dem.relief"), withIntermediateDirectories: false)
    try "".write(toFile: folder("dem.relief/run.lock"), atomically: false, encoding: .utf8)
    try "{".write(toFile: folder("dem.relief/.plan.json"), atomically: false, encoding: .utf8)
    try await finish()
  }

  @Test func `cut off within a tile, and within the merge`() async throws {
    _ = try await store()
    for name in ["coarse/.r00000c00000.f32", ".dem.tif.1-1.scratch.tif", ".dem.tif.1-1.part.tif"] {
      try "torn".write(toFile: folder("dem.relief/" + name), atomically: false, encoding: .utf8)
    }
    try "torn".write(toFile: folder(".dem.tif.1-1"), atomically: false, encoding: .utf8)
    let store = try await store()
    #expect(try names(in: folder("dem.relief/coarse")).isEmpty)
    #expect(try names(in: folder("dem.relief")).allSatisfy { !$0.hasPrefix(".") })
    try store.remove()
    try await finish()
  }

  @Test func `cut off between sidecar and output`() async throws {
    _ = try await store()
    try "old".write(toFile: folder("dem.tif.aux.xml"), atomically: false, encoding: .utf8)
    try await finish()
  }

  @Test func `cut off after the output, which is then done`() async throws {
    try await finish()
    let whole = try Data(contentsOf: URL(filePath: folder("dem.tif")))
    _ = try await store()
    try FileManager.default.removeItem(atPath: folder("dem.qml"))
    try "torn".write(toFile: folder(".dem.qml.1-1.part"), atomically: false, encoding: .utf8)
    try await finish()
    #expect(try Data(contentsOf: URL(filePath: folder("dem.tif"))) == whole)
  }

  @Test func `an output of another plan may not be replaced`() async throws {
    _ = try await infer(scene, to: folder("dem.tif")) { $0.stretch = .minMax }
    _ = try await store()
    let error = await #expect(throws: SceneError.self) {
      _ = try await infer(scene, to: folder("dem.tif"))
    }
    #expect(error?.kind == .cannotCreate)
  }

  @Test func `cut off within the removal of the folder`() async throws {
    try await finish()
    _ = try await store()
    try FileManager.default.moveItem(
      atPath: folder("dem.relief/plan.json"), toPath: folder("dem.relief/plan.removed"))
    #expect(try await infer(scene, to: folder("dem.tif")).wasAlreadyDone)
    #expect(!FileManager.default.fileExists(atPath: folder("dem.relief")))
  }
}

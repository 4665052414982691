import Files
import Foundation
import Grids
import Rasters
import Scenes
import TestModels
import TestSupport
import Testing

/// What a run leaves behind if it is killed at any point, and how the next run handles it.
@Suite struct KilledRunTests {
  let folder: TemporaryFolder
  let scene: String

  init() throws { (folder, scene) = try folderWithScene() }

  private func store() async throws -> RunStore {
    var options = SceneOptions()
    (options.tileSize, options.overlap) = (64, 16)
    let plan = try await ScenePlan.make(
      for: SceneSource(scene), model: BrightnessModel(), options: options)
    return try RunStore(FolderTileStore(folder("dem.relief")), plan: plan, replacing: false)
  }

  private func finish() async throws {
    _ = try await infer(scene, to: folder("dem.tif"))
    #expect(try names(in: folder.path).filter { $0.contains("dem") } == ["dem.qml", "dem.tif"])
  }

  @Test func `a second run on the same output is rejected with the process of the first`()
    async throws
  {
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
    try first.objects.remove()
    try await finish()
  }

  @Test func `a reader does not block writers`() async throws {
    _ = try await store()
    let reader = try RunStore(reading: FolderTileStore(reading: folder("dem.relief")))
    _ = try await store()
    #expect(try reader.state(of: TileIndex(row: 0, column: 0), in: .coarse) == nil)
  }

  @Test func `the next run completes after a kill before or while the plan is written`()
    async throws
  {
    try FileManager.default.createDirectory(
      atPath: folder("dem.relief"), withIntermediateDirectories: false)
    try "".write(toFile: folder("dem.relief/run.lock"), atomically: false, encoding: .utf8)
    try "{".write(toFile: folder("dem.relief/.plan.json"), atomically: false, encoding: .utf8)
    try await finish()
  }

  @Test func `the next run completes after a kill while a tile or the output is written`()
    async throws
  {
    _ = try await store()
    try FileManager.default.createDirectory(
      atPath: folder("dem.relief/coarse"), withIntermediateDirectories: true)
    // No process has the highest number; process 1 always runs.
    let (dead, live) = (".dem.tif.\(Int32.max)-1.scratch.tif", ".dem.tif.1-1.part.tif")
    for name in ["coarse/.r00000c00000.tile.\(Int32.max)-1.part", dead, live] {
      try "torn".write(toFile: folder("dem.relief/" + name), atomically: false, encoding: .utf8)
    }
    let store = try await store()
    #expect(try names(in: folder("dem.relief/coarse")).count == 1)
    #expect(try names(in: folder("dem.relief")).filter { $0.hasPrefix(".") } == [live])
    try store.objects.remove()
    #expect(!FileManager.default.fileExists(atPath: folder("dem.relief")))
    try await finish()
  }

  @Test func `a file with the name of the folder is refused and kept`() async throws {
    try await finish()
    try "mine".write(toFile: folder("dem.relief"), atomically: false, encoding: .utf8)
    let error = await #expect(throws: SceneError.self) {
      _ = try await infer(scene, to: folder("dem.tif"))
    }
    #expect(error?.kind == .cannotCreate)
    #expect(try String(contentsOfFile: folder("dem.relief"), encoding: .utf8) == "mine")
  }

  @Test func `tiles are kept while the plan cannot be read`() async throws {
    let store = try await store()
    try FileManager.default.createDirectory(
      atPath: folder("dem.relief/coarse"), withIntermediateDirectories: true)
    let tile = folder("dem.relief/coarse/r00000c00000.tile")
    try "tile".write(toFile: tile, atomically: false, encoding: .utf8)
    _ = consume store
    let plan = folder("dem.relief/plan.json")
    try FileManager.default.moveItem(atPath: plan, toPath: folder("plan.json"))
    try FileManager.default.createSymbolicLink(atPath: plan, withDestinationPath: "plan.json")
    await #expect(throws: FileError.self) { _ = try await infer(scene, to: folder("dem.tif")) }
    #expect(try names(in: folder("dem.relief/coarse")) == ["r00000c00000.tile"])
    try FileManager.default.removeItem(atPath: plan)
    try FileManager.default.moveItem(atPath: folder("plan.json"), toPath: plan)
    try await finish()
  }

  @Test func `the next run completes after a kill between sidecar and output`() async throws {
    _ = try await store()
    try "old".write(toFile: folder("dem.tif.aux.xml"), atomically: false, encoding: .utf8)
    try await finish()
  }

  @Test func `the next run keeps the output of a run that was killed after writing it`()
    async throws
  {
    try await finish()
    let whole = try Data(contentsOf: URL(filePath: folder("dem.tif")))
    _ = try await store()
    try FileManager.default.removeItem(atPath: folder("dem.qml"))
    try "torn".write(toFile: folder(".dem.qml.1-1.part"), atomically: false, encoding: .utf8)
    try await finish()
    #expect(try Data(contentsOf: URL(filePath: folder("dem.tif"))) == whole)
  }

  @Test func `the output of another plan is not replaced`() async throws {
    _ = try await infer(scene, to: folder("dem.tif")) { $0.stretch = .minMax }
    _ = try await store()
    let error = await #expect(throws: SceneError.self) {
      _ = try await infer(scene, to: folder("dem.tif"))
    }
    #expect(error?.kind == .cannotCreate)
  }

  @Test func `the next run removes the folder after a kill during its removal`() async throws {
    try await finish()
    _ = try await store()
    try FileManager.default.moveItem(
      atPath: folder("dem.relief/plan.json"), toPath: folder("dem.relief/plan.removed"))
    #expect(try await infer(scene, to: folder("dem.tif")).wasAlreadyDone)
    #expect(!FileManager.default.fileExists(atPath: folder("dem.relief")))
  }
}

import Foundation
import Grids
import Scenes
import TestModels
import TestSupport
import Testing

/// The folder of finished tiles never removes other files, and never accepts truncated tiles.
@Suite struct FolderTileStoreTests {
  let folder: TemporaryFolder
  let scene: String

  init() throws { (folder, scene) = try folderWithScene() }

  private func plan() async throws -> ScenePlan {
    try await ScenePlan.make(
      for: SceneSource(scene), model: BrightnessModel(), options: SceneOptions())
  }

  private func contents(_ name: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder(name)).sorted()
  }

  @Test(arguments: [false, true])
  func `a folder with other files is rejected and not changed`(replacing: Bool) async throws {
    try FileManager.default.createDirectory(
      atPath: folder("dem.relief"), withIntermediateDirectories: true)
    try "mine".write(toFile: folder("dem.relief/notes.txt"), atomically: true, encoding: .utf8)
    let error = await #expect(throws: SceneError.self) {
      _ = try await infer(scene, to: folder("dem.tif"), overwriting: replacing)
    }
    #expect(error?.kind == .cannotCreate)
    #expect(try contents("dem.relief") == ["notes.txt"])
  }

  @Test func `files that others put into the folder are kept`() async throws {
    let store = try RunStore(
      FolderTileStore(folder("dem.relief")), plan: await plan(), replacing: false)
    try "mine".write(toFile: folder("dem.relief/notes.txt"), atomically: true, encoding: .utf8)
    try store.objects.remove()
    #expect(try contents("dem.relief") == ["notes.txt"])
  }

  @Test func `a folder that was interrupted after its plan is completed`() async throws {
    let plan = try await plan()
    _ = try RunStore(FolderTileStore(folder("dem.relief")), plan: plan, replacing: false)
    let store = try RunStore(FolderTileStore(folder("dem.relief")), plan: plan, replacing: false)
    let tile = TileIndex(row: 0, column: 0)
    try store.skip(tile, in: .coarse, because: "a test")
    #expect(try store.state(of: tile, in: .coarse) == .skipped("a test"))
  }

  @Test func `an empty folder is removed`() async throws {
    let store = try RunStore(
      FolderTileStore(folder("dem.relief")), plan: await plan(), replacing: false)
    try store.objects.remove()
    #expect(!FileManager.default.fileExists(atPath: folder("dem.relief")))
  }

  @Test func `values are stored bit for bit, and a skipped tile with its reason`() async throws {
    let plan = try await plan()
    let store = try RunStore(FolderTileStore(folder("dem.relief")), plan: plan, replacing: false)
    let count = plan.working.tiles.tileWidth * plan.working.tiles.tileHeight
    let values = (0..<count).map { $0 % 3 == 0 ? Float.nan : Float($0) / 7 }
    let (a, b) = (TileIndex(row: 0, column: 0), TileIndex(row: 12, column: 34_567))
    #expect(try store.state(of: a, in: .coarse) == nil)
    try store.commit(values, of: a, in: .coarse)
    try store.skip(b, in: .coarse, because: "no valid pixel")
    #expect(try store.state(of: a, in: .coarse) == .done)
    #expect(try store.state(of: b, in: .coarse) == .skipped("no valid pixel"))
    let read = try store.values(of: a, in: .coarse)
    #expect(read.map(\.bitPattern) == values.map(\.bitPattern))
  }

  @Test func `a truncated tile counts as missing and is computed again`() async throws {
    let plan = try await plan()
    let store = try RunStore(FolderTileStore(folder("dem.relief")), plan: plan, replacing: false)
    let count = plan.working.tiles.tileWidth * plan.working.tiles.tileHeight
    let tile = TileIndex(row: 0, column: 0)
    try store.commit([Float](repeating: 1, count: count), of: tile, in: .coarse)
    let file = folder("dem.relief/coarse/r00000c00000.tile")
    let handle = try #require(FileHandle(forWritingAtPath: file))
    try handle.truncate(atOffset: 100)
    try handle.close()
    store.refresh()
    #expect(try store.state(of: tile, in: .coarse) == nil)
    try store.commit([Float](repeating: 2, count: count), of: tile, in: .coarse)
    #expect(try store.values(of: tile, in: .coarse)[0] == 2)
  }

  @Test func `another plan is rejected with exactly the differences`() async throws {
    let model = BrightnessModel(refiner: BrightnessRefiner())
    var options = SceneOptions()
    let plan = try await ScenePlan.make(for: SceneSource(scene), model: model, options: options)
    _ = try RunStore(FolderTileStore(folder("dem.relief")), plan: plan, replacing: false)
    options.steps = 3
    let other = try await ScenePlan.make(for: SceneSource(scene), model: model, options: options)
    for _ in 0..<5 {
      let error = #expect(throws: SceneError.self) {
        _ = try RunStore(FolderTileStore(folder("dem.relief")), plan: other, replacing: false)
      }
      #expect(error?.message.contains("it differs in refinement\n") == true)
    }
  }

  @Test func `a dangling link is rejected without blocking`() async throws {
    try FileManager.default.createSymbolicLink(
      atPath: folder("dem.relief"), withDestinationPath: folder("gone/away"))
    let error = await #expect(throws: SceneError.self) {
      _ = try await infer(scene, to: folder("dem.tif"))
    }
    #expect(error?.kind == .cannotCreate)
  }

  @Test func `the status of a run does not depend on who wrote the existing output`() async throws {
    _ = try RunStore(FolderTileStore(folder("dem.relief")), plan: await plan(), replacing: false)
    try FileManager.default.copyItem(atPath: scene, toPath: folder("dem.tif"))
    let status = try OutputStatus(of: OutputOptions(folder("dem.tif")))
    #expect(status.unfinished != nil && status.tags == nil)
  }
}

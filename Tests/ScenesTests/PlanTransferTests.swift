import Foundation
import Scenes
import TestModels
import TestSupport
import Testing

/// A plan is data: it is decoded and run where the scene has another path.
@Suite struct PlanTransferTests {
  let folder: TemporaryFolder
  let scene: String
  let model = BrightnessModel()

  init() throws { (folder, scene) = try folderWithScene() }

  private func options() -> SceneOptions {
    var options = SceneOptions()
    (options.tileSize, options.overlap, options.memory) = (64, 16, 1 << 30)
    return options
  }

  private func plan() async throws -> ScenePlan {
    try await ScenePlan.make(for: SceneSource(scene), model: model, options: options())
  }

  private func run(_ plan: ScenePlan, on path: String, to name: String) async throws -> [Float] {
    let run = try SceneRun(
      plan, scene: SceneSource(path), model: model, options: options(),
      output: OutputOptions(folder(name)))
    _ = try await run()
    return try pixels(folder(name))
  }

  @Test func `a decoded plan gives the same pixels on a copy of the scene with another path`()
    async throws
  {
    let plan = try await plan()
    let heights = try await run(plan, on: scene, to: "dem.tif")
    let copy = folder("elsewhere.tif")
    try FileManager.default.moveItem(atPath: scene, toPath: copy)
    let decoded = try ScenePlan(file: plan.fileData, path: "plan.json")
    #expect(try await run(decoded, on: copy, to: "there.tif") == heights)
  }

  @Test func `a decoded plan is refused for a scene with other pixels`() async throws {
    let plan = try await plan()
    var other = try SceneFixture()
    other.isVoid = { row, _ in row < 30 }
    try other.write(to: folder("other.tif"))
    let decoded = try ScenePlan(file: plan.fileData, path: "plan.json")
    let error = await #expect(throws: SceneError.self) {
      _ = try await run(decoded, on: folder("other.tif"), to: "dem.tif")
    }
    #expect(error?.message.contains("make a new plan") == true)
  }
}

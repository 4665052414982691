import Foundation
import Grids
import Scenes
import Testing
import TestModels
import TestSupport

/// A manipulated plan is rejected at the impossible part, without traps, hangs, or excessive memory.
@Suite struct HostilePlanTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func plan() async throws -> ScenePlan {
    try SceneFixture().write(to: folder("scene.tif"))
    var options = SceneOptions()
    (options.tileSize, options.overlap, options.refinesJointly) = (64, 16, true)
    options.memory = 1 << 30
    return try await ScenePlan.make(
      for: SceneSource(folder("scene.tif")),
      model: BrightnessModel(refiner: TileOffsetRefiner(steps: 3, reduction: 8, multiple: 8)),
      options: options)
  }

  /// Returns a JSON object with the value at a key path replaced.
  private func changed(_ object: Any, _ path: ArraySlice<String>, _ value: Any) throws -> Any {
    guard let key = path.first else { return value }
    if let list = object as? [Any], let index = Int(key) {
      return try list.enumerated().map {
        try $0 == index ? changed($1, path.dropFirst(), value) : $1
      }
    }
    var fields = try #require(object as? [String: Any])
    fields[key] = try changed(#require(fields[key]), path.dropFirst(), value)
    return fields
  }

  @Test func `the plan of a run is accepted, and its status can be read`() async throws {
    let plan = try await plan()
    _ = try RunStore(FolderTileStore(folder("dem.relief")), plan: plan, replacing: false)
    let found = try RunStore(reading: FolderTileStore(reading: folder("dem.relief"))).plan
    #expect(found == plan)
    let status = try OutputStatus(of: OutputOptions(folder("dem.tif")))
    #expect(
      status.unfinished?.stages.map(\.wanted) == plan.networkStages.map { plan.tasks(of: $0).count }
    )
  }

  @Test(arguments: [
    ("scene.width", -1), ("scene.width", Int.max), ("area.width", Int.max), ("area.column", -1),
    ("area.row", 219), ("area.height", 0), ("radiometry.step", 0),
    ("working.lattice.width", 1 << 41),
    ("working.tiles.tileWidth", 1 << 30), ("working.tiles.overlap", -16),
    ("working.tiles.height", 1),
    ("working.wanted.0", -1), ("working.wanted.0", 1), ("working.wanted.1", Int.max),
    ("working.wanted.1", -1), ("working.wanted.2", Int.max), ("working.wanted.2", 0),
    ("overview.tiles.tileHeight", 0), ("refinement.steps", 0), ("joint.steps", -3),
    ("joint.steps", Int.max), ("joint.rows", Int.max), ("joint.coarseChannels", 0),
  ])
  func `impossible parts are rejected, unless the run starts over`(path: String, number: Int)
    async throws
  {
    let plan = try await plan()
    _ = try RunStore(FolderTileStore(folder("dem.relief")), plan: plan, replacing: false)
    let file = folder("dem.relief/plan.json")
    let object = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: file)))
    let keys = ["plan"] + path.split(separator: ".").map(String.init)
    try JSONSerialization.data(withJSONObject: changed(object, keys[...], number))
      .write(to: URL(filePath: file))
    #expect {
      _ = try OutputStatus(of: OutputOptions(folder("dem.tif")))
    } throws: {
      ($0 as? SceneError)?.kind == .badData && "\($0)".contains("plan.json")
    }
    #expect(throws: SceneError.self) {
      _ = try RunStore(FolderTileStore(folder("dem.relief")), plan: plan, replacing: false)
    }
    #expect(try !RunStore.isUnfinished(plan, in: FolderTileStore(reading: folder("dem.relief"))))
    _ = try RunStore(FolderTileStore(folder("dem.relief")), plan: plan, replacing: true)
  }

  /// The plan has 10¹² tiles of two pixels per side, and needs only a few of them.
  @Test func `tiles that are not needed cost nothing`() async throws {
    let plan = try await plan()
    let side = 1_000_000
    var object = try JSONSerialization.jsonObject(with: plan.fileData)
    for (path, number) in [
      ("scene.width", side), ("scene.height", side), ("area.width", side), ("area.height", side),
      ("working.lattice.width", side), ("working.lattice.height", side),
      ("working.tiles.width", side), ("working.tiles.height", side),
      ("working.tiles.tileWidth", 2), ("working.tiles.tileHeight", 2),
      ("working.tiles.overlap", 1), ("working.tiles.columnMargin", 0),
      ("working.tiles.rowMargin", 0),
    ] {
      let keys = ["plan"] + path.split(separator: ".").map(String.init)
      object = try changed(object, keys[...], number)
    }
    let found = try ScenePlan(
      file: JSONSerialization.data(withJSONObject: object), path: "plan.json")
    #expect(found.outputTiles == found.working.wanted)
    #expect(found.emptyTileCount == (side - 1) * (side - 1) - found.working.wanted.count)
  }
}

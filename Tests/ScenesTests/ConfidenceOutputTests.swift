import Files
import Foundation
import Grids
import Rasters
import Scenes
import TestModels
import TestSupport
import Testing

/// Quality layers are written completely, before the output, and never over other files, and depend only on the plan.
@Suite struct ConfidenceOutputTests {
  let folder: TemporaryFolder
  let scene: String

  init() throws { (folder, scene) = try folderWithScene() }

  private static let all = ConfidenceRaster.all(with: .four)
  private static let suffixes = ["class", "disagreement", "spread", "tiles"].map { "_\($0).tif" }

  /// Runs an ensemble of a network whose members differ.
  @discardableResult
  private func run(
    to name: String, telling confidence: Set<ConfidenceRaster> = all, refining: Bool = false,
    overwriting: Bool = false, threads: Int = 2,
    progress: @escaping ProgressHandler = { _ in }
  ) async throws -> SceneReport {
    try await Self.run(
      scene, to: folder(name), telling: confidence, refining: refining, overwriting: overwriting,
      threads: threads, progress: progress)
  }

  /// The same without `self`, for use in a separate task.
  @discardableResult
  private static func run(
    _ scene: String, to path: String, telling confidence: Set<ConfidenceRaster> = all,
    refining: Bool, overwriting: Bool = false, threads: Int = 2, progress: @escaping ProgressHandler
  ) async throws -> SceneReport {
    let model = BrightnessModel(
      gsdRange: 15...240, hasPerTileCalibration: true,
      refiner: refining ? BrightnessRefiner(detail: 0.3, ramp: 1e-3) : nil, ramp: 0.1)
    return try await infer(
      scene, to: path, model: model, overwriting: overwriting, telling: confidence,
      change: {
        $0.ensemble = .four
        $0.threads = threads
      }, progress: progress)
  }

  /// The bytes of the output and of all quality layers.
  private func bytes(_ stem: String) throws -> [Data] {
    try ([".tif"] + Self.suffixes).map { try Data(contentsOf: URL(filePath: folder(stem + $0))) }
  }

  @Test func `layers of a replaced output are kept and reported`()
    async throws
  {
    try await run(to: "dem.tif")
    let again = try await run(to: "dem.tif", telling: [.tiles], overwriting: true)
    #expect(again.warnings.isEmpty, "the same plan gives the same layers")
    let other = try await infer(scene, to: folder("dem.tif"), overwriting: true) {
      $0.stretch = .minMax
    }
    #expect(Self.suffixes.allSatisfy { name in other.warnings.contains { $0.contains(name) } })
    #expect(Self.suffixes.allSatisfy { exists("dem" + $0) })
  }

  private func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: folder(name))
  }

  @Test(arguments: [false, true])
  func `concurrent tiles and interruptions give bit-identical outputs`(refining: Bool) async throws
  {
    try await run(to: "straight.tif", refining: refining, threads: 1)
    try await run(to: "many.tif", refining: refining, threads: 4)
    let (scene, path) = (scene, folder("dem.tif"))
    #expect(try bytes("many") == bytes("straight"))
    for stage in [StageName.coarse, .refined] where refining || stage == .coarse {
      let work = Task {
        try await Self.run(scene, to: path, refining: refining) { progress in
          if case .tiles(stage, let finished, _) = progress, finished >= 3 {
            withUnsafeCurrentTask { $0?.cancel() }
          }
        }
      }
      await #expect(throws: CancellationError.self) { try await work.value }
      #expect(try names(in: folder.path).filter { $0.hasPrefix("dem") } == ["dem.relief"])
    }
    try await run(to: "dem.tif", refining: refining)
    #expect(try bytes("dem") == bytes("straight"))
  }

  @Test(arguments: [false, true])
  func `a resumed run recomputes tiles that were stored without a spread`(
    refining: Bool
  ) async throws {
    try await run(to: "straight.tif", refining: refining)
    let (scene, path) = (scene, folder("dem.tif"))
    let work = Task {
      try await Self.run(scene, to: path, telling: [], refining: refining) { progress in
        if case .merging = progress { withUnsafeCurrentTask { $0?.cancel() } }
      }
    }
    await #expect(throws: CancellationError.self) { try await work.value }
    let stage = folder("dem.relief/\(refining ? "refined" : "coarse")")
    #expect(try names(in: stage).allSatisfy { $0.hasSuffix(".tile") || $0 == "basis" })
    try await run(to: "dem.tif", refining: refining)
    #expect(try bytes("dem") == bytes("straight"))
  }

  @Test(arguments: suffixes)
  func `an existing file in place of a layer is rejected before the run starts`(suffix: String)
    async throws
  {
    try "mine".write(toFile: folder("dem" + suffix), atomically: true, encoding: .utf8)
    for overwriting in [false, true] {
      let error = await #expect(throws: SceneError.self) {
        try await run(to: "dem.tif", overwriting: overwriting) { _ in
          Issue.record("the run must not start")
        }
      }
      #expect(error?.kind == .cannotCreate && error?.message.contains("dem" + suffix) == true)
    }
    #expect(try names(in: folder.path) == ["dem" + suffix, "scene.tif"].sorted())
  }

  @Test func `a layer that is the scene itself is always rejected`() async throws {
    try FileManager.default.moveItem(atPath: scene, toPath: folder("dem_class.tif"))
    let error = await #expect(throws: SceneError.self) {
      _ = try await infer(
        folder("dem_class.tif"), to: folder("dem.tif"), overwriting: true,
        telling: [.heightClass])
    }
    #expect(error?.kind == .usage && error?.message.contains("dem_class.tif") == true)
  }

  @Test func `the output is not written if a layer cannot be written`() async throws {
    let path = folder("dem_spread.tif")
    await #expect(throws: RasterError.self) {
      try await run(to: "dem.tif") { progress in
        if case .finishing = progress {
          try? FileManager.default.createDirectory(
            atPath: path + "/mine", withIntermediateDirectories: true)
        }
      }
    }
    #expect(!exists("dem.tif") && exists("dem.relief/plan.json"))
    #expect(try names(in: folder.path).allSatisfy { !$0.hasPrefix(".") })
    try FileManager.default.removeItem(atPath: path)
    // The layers that were already written belong to this run.
    try await run(to: "dem.tif")
    #expect(exists("dem.tif") && !exists("dem.relief"))
  }

  @Test func `after an interruption before the output, layers are replaced silently`() async throws
  {
    try await run(to: "dem.tif")
    let whole = try bytes("dem")
    let model = BrightnessModel(gsdRange: 15...240, hasPerTileCalibration: true, ramp: 0.1)
    var options = SceneOptions()
    (options.tileSize, options.overlap, options.ensemble) = (64, 16, .four)
    let plan = try await ScenePlan.make(for: SceneSource(scene), model: model, options: options)
    for rest in Self.suffixes.indices {
      _ = try RunStore(FolderTileStore(folder("dem.relief")), plan: plan, replacing: false)
      for suffix in Self.suffixes[..<rest] {
        try FileManager.default.removeItem(atPath: folder("dem" + suffix))
      }
      try FileManager.default.removeItem(atPath: folder("dem.tif"))
      try FileManager.default.removeItem(atPath: folder("dem.qml"))
      try await run(to: "dem.tif")
      #expect(try bytes("dem") == whole)
    }
  }

  @Test func `a layer of another plan is not replaced`() async throws {
    try await run(to: "dem.tif")
    try FileManager.default.removeItem(atPath: folder("dem.tif"))
    let error = await #expect(throws: SceneError.self) {
      try await run(to: "dem.tif", refining: true)
    }
    #expect(error?.kind == .cannotCreate)
  }

  @Test func `a spread is stored with its tile and discarded with it`() async throws {
    let plan = try await ScenePlan.make(
      for: SceneSource(scene), model: BrightnessModel(), options: SceneOptions())
    func store() throws -> RunStore {
      try RunStore(FolderTileStore(folder("dem.relief")), plan: plan, replacing: false)
    }
    let (tile, stage) = (TileIndex(row: 0, column: 0), StageName.coarse)
    let count = plan.working.tiles.tileWidth * plan.working.tiles.tileHeight
    let (values, spread) = (
      [Float](repeating: 1, count: count), [Float](repeating: 2, count: count)
    )
    do {
      let first = try store()
      try first.commit(values, of: tile, in: stage)
      #expect(try !first.hasSpread(of: tile, in: stage))
      try first.commit(values, spread: spread, of: tile, in: stage)
    }
    do {
      let second = try store()
      #expect(try second.hasSpread(of: tile, in: stage))
      #expect(try second.values(of: tile, in: stage) == values)
      #expect(try second.spread(of: tile, in: stage) == spread)
    }
    let path = folder("dem.relief/coarse/r00000c00000.tile")
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.truncate(atOffset: UInt64(4 * count + 66))
    try handle.close()
    let third = try store()
    #expect(throws: DamagedTile.self) { try third.values(of: tile, in: stage) }
    #expect(try third.state(of: tile, in: stage) == .done)
    try third.discard(tile, in: stage)
    #expect(try third.state(of: tile, in: stage) == nil)
    #expect(try names(in: folder("dem.relief/coarse")).isEmpty)
  }
}

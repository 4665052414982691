import DepthModels
import Foundation
import Grids
import Rasters
import Scenes
import TestModels
import TestSupport
import Testing

/// Joint refinement of tiles, with a refiner that adds a different value to each tile at each step.
@Suite struct JointRefinementTests {
  let folder: TemporaryFolder
  let scene: String

  init() throws { (folder, scene) = try folderWithScene() }

  private func run(
    _ name: String, _ refiner: any TileRefiner, joint: Bool, overwriting: Bool = false,
    change: (inout SceneOptions) -> Void = { _ in }
  ) async throws -> SceneReport {
    let model = BrightnessModel(gsdRange: 15...240, refiner: refiner)
    return try await infer(
      scene, to: folder(name), model: model, overwriting: overwriting,
      change: {
        $0.refinesJointly = joint
        change(&$0)
      })
  }

  /// Cancels a run at a point of its progress; its finished tiles remain.
  private func stop(
    _ name: String, _ refiner: any TileRefiner, joint: Bool, threads: Int? = nil,
    when isEnough: @escaping @Sendable (RunProgress) -> Bool
  ) async throws {
    let (scene, path) = (scene, folder(name))
    let stopped = Task {
      try await infer(
        scene, to: path, model: BrightnessModel(gsdRange: 15...240, refiner: refiner),
        change: { ($0.refinesJointly, $0.threads) = (joint, threads) },
        progress: { if isEnough($0) { withUnsafeCurrentTask { $0?.cancel() } } })
    }
    await #expect(throws: (any Error).self) { try await stopped.value }
  }

  /// Returns the maximum difference between neighboring refined tiles in their overlap.
  private func disagreement(
    _ name: String, _ refiner: TileOffsetRefiner, joint: Bool
  ) async throws -> Float {
    // The store exists until the output does: a run that is canceled during the merge leaves all tiles.
    try await stop(name + ".tif", refiner, joint: joint) {
      if case .merging = $0 { true } else { false }
    }
    let store = try RunStore(reading: FolderTileStore(reading: folder(name + ".relief")))
    let tiles = store.plan.working.tiles
    var worst: Float = 0
    for tile in store.plan.tasks(of: .refined) where tile.column > 0 {
      let left = TileIndex(row: tile.row, column: tile.column - 1)
      let (a, b) = (
        try store.values(of: left, in: .refined), try store.values(of: tile, in: .refined)
      )
      for row in 0..<tiles.tileHeight {
        for column in 0..<tiles.overlap {
          let place = row * tiles.tileWidth + column
          let difference = abs(a[place + tiles.columnStride] - b[place])
          if !difference.isNaN { worst = max(worst, difference) }
        }
      }
    }
    return worst
  }

  @Test(arguments: [(1, 1), (4, 4), (4, 48)])
  func `neighboring tiles end with the same heights in their overlap`(
    reduction: Int, multiple: Int
  ) async throws {
    let refiner = TileOffsetRefiner(steps: 3, reduction: reduction, multiple: multiple)
    let apart = try await disagreement("apart", refiner, joint: false)
    let joint = try await disagreement("joint", refiner, joint: true)
    // The brightness is 0…255, so offsets of a tenth of the range are tens.
    #expect(apart > 5 && joint < 1e-3, "\(apart) separately, \(joint) jointly")
  }

  @Test func `with one step, joint refinement gives the same result as blending`() async throws {
    let refiner = TileOffsetRefiner(steps: 1)
    _ = try await run("apart.tif", refiner, joint: false)
    _ = try await run("joint.tif", refiner, joint: true)
    for (a, b) in zip(try pixels(folder("apart.tif")), try pixels(folder("joint.tif"))) {
      #expect(abs(a - b) < 1e-3)
    }
  }

  /// Creates networks with random weights that refine in the latent space of an autoencoder.
  private static func latentRefiner() throws -> LatentRefiner {
    try LatentRefiner(
      vae: Weights(FormulaWeights()), unet: Weights(FormulaWeights()),
      RefinerArchitecture(
        autoencoder: Architectures.tinyAutoencoder,
        denoiser: Architectures.denoisers["unet_tiny32"]!, imageRange: .scene, heightRange: .shared)
    )
  }

  @Test func `for a scene of one tile, joint and separate refinement agree`() async throws {
    let refiner = try Self.latentRefiner()
    let whole: (inout SceneOptions) -> Void = { $0.tileSize = 320 }
    _ = try await run("apart.tif", refiner, joint: false, change: whole)
    _ = try await run("joint.tif", refiner, joint: true, change: whole)
    let (apart, joint) = (try pixels(folder("apart.tif")), try pixels(folder("joint.tif")))
    let valid = apart.filter { $0 != -9999 }
    let span = valid.max()! - valid.min()!
    // Scaling heights and scaling them back is rounded differently, and random weights amplify this from step to step.
    let worst = zip(apart, joint).map { abs($0 - $1) }.max()!
    #expect(worst < 5e-4 * span, "\(worst / span)")
  }

  @Test(arguments: [1, 4])
  func `the bits do not depend on the number of concurrent tiles or on interruptions`(threads: Int)
    async throws
  {
    let refiner = try Self.latentRefiner()
    _ = try await run("straight.tif", refiner, joint: true) { $0.threads = 2 }
    for stage in [StageName.conditions, .detail(3), .refined] {
      try await stop("dem.tif", refiner, joint: true, threads: threads) {
        if case .tiles(stage, finished: 5, of: _) = $0 { true } else { false }
      }
    }
    let status = try OutputStatus(of: OutputOptions(folder("dem.tif")))
    let stages = try #require(status.unfinished?.stages)
    #expect(stages.map(\.stage.rawValue).contains("detail-6") && stages.count == 10)
    _ = try await run("dem.tif", refiner, joint: true) { $0.threads = threads }
    #expect(
      try Data(contentsOf: URL(filePath: folder("dem.tif")))
        == Data(contentsOf: URL(filePath: folder("straight.tif"))))
    let tags = try Dataset(reading: folder("dem.tif")).metadata()
    #expect(tags["RELIEF_STEPS"] == "6, tiles side by side")
  }

  @Test func `a tile that fails at a step is retried, with all tiles computed without it`()
    async throws
  {
    _ = try await run("straight.tif", TileOffsetRefiner(steps: 3), joint: true)
    let tiles = 30
    let faulty = TileOffsetRefiner(steps: 3, failing: tiles + 7)
    let report = try await run("dem.tif", faulty, joint: true) { $0.threads = 1 }
    #expect(report.failedTiles.count == 1 && report.failedTiles[0].stage == .refined)
    #expect(report.failedTiles[0].failure.reason.contains("nan"))
    _ = try await run("dem.tif", TileOffsetRefiner(steps: 3), joint: true, overwriting: true)
    #expect(
      try Data(contentsOf: URL(filePath: folder("dem.tif")))
        == Data(contentsOf: URL(filePath: folder("straight.tif"))))
  }

  @Test func `unsupported joint refinement is rejected`() async throws {
    let cases: [(any TileRefiner, String, @Sendable (inout SceneOptions) -> Void)] = [
      (BrightnessRefiner(), "not step by step", { _ in }),
      (TileOffsetRefiner(steps: 3), "nothing is refined", { $0.steps = 0 }),
      (TileOffsetRefiner(steps: 3), "--normalization scene", { $0.normalization = .perTile }),
      (TileOffsetRefiner(steps: 3, reduction: 4), "multiple of 4", { $0.overlap = 18 }),
    ]
    for (refiner, message, change) in cases {
      let error = await #expect(throws: SceneError.self) {
        _ = try await run("dem.tif", refiner, joint: true, change: change)
      }
      #expect(error?.kind == .usage && error?.message.contains(message) == true)
    }
  }
}

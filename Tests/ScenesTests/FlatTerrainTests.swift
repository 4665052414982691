import DepthModels
import Foundation
import Rasters
import Scenes
import TestModels
import TestSupport
import Testing

/// Terrain without significant relief is not refined, because a network would add only texture to it.
@Suite struct FlatTerrainTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Returns the coarse and the refined heights of a scene of one tile.
  private func heights(
    _ scene: String, _ model: any TileModel, bands: [Int]? = nil,
    change: (inout SceneOptions) -> Void = { _ in }
  ) async throws -> (coarse: [Float], refined: [Float]) {
    for (name, steps) in [("coarse.tif", 0), ("refined.tif", model.refiner?.steps ?? 0)] {
      _ = try await infer(
        scene, to: folder(name), model: model, bands: bands, overwriting: true,
        telling: [.heightClass]
      ) {
        ($0.tileSize, $0.overlap, $0.steps) = (512, 128, steps)
        change(&$0)
      }
    }
    return (try pixels(folder("coarse.tif")), try pixels(folder("refined.tif")))
  }

  @Test(arguments: [false, true])
  func `a tile with a small share of the training relief keeps its coarse heights`(
    joint: Bool
  ) async throws {
    try SceneFixture().write(to: folder("scene.tif"))
    let refiner: any TileRefiner =
      joint ? TileOffsetRefiner(steps: 2) : BrightnessRefiner(detail: 0.5, noise: 0.2)
    var model = BrightnessModel(refiner: refiner)
    func run() async throws -> (coarse: [Float], refined: [Float]) {
      try await heights(folder("scene.tif"), model) { $0.refinesJointly = joint && $0.steps != 0 }
    }
    // The brightness covers 0…255.
    model.typicalRelief = 255 * 20
    let level = try await run()
    #expect(level.coarse == level.refined)
    #expect(try Set(pixels(folder("refined_class.tif"))) == [0, 3])
    for range in [255 * 5, nil] as [Float?] {
      model.typicalRelief = range
      let hills = try await run()
      #expect(hills.coarse != hills.refined)
      #expect(try Set(pixels(folder("refined_class.tif"))) == [0, 1])
    }
  }

  @Test(
    .enabled(
      if: hasSharedData("pairs/imagetodem"), "requires the shared pairs next to the repository"))
  func `a real plain keeps its coarse heights, and real hills are refined`() async throws {
    let model = try D3RSMDE(ModelBundle.locate(nil))
    for (number, isLevel) in [(15, true), (12, false)] {
      let image = sharedPath("pairs/imagetodem/test_\(number)_rgb.tif")
      let found = try await heights(image, model) {
        ($0.tileSize, $0.overlap) = (nil, nil)
        if $0.steps != 0 { $0.steps = 1 }
      }
      #expect((found.coarse == found.refined) == isLevel, "\(number)")
    }
  }
}

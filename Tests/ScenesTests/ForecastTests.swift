import DepthModels
import Foundation
import Grids
import Scenes
import TestModels
import TestSupport
import Testing

@Suite struct ForecastTests {
  let folder: TemporaryFolder
  let scene: String

  init() throws { (folder, scene) = try folderWithScene() }

  private func forecast(
    _ model: any TileModel, telling confidence: Set<ConfidenceRaster> = [],
    change: (inout SceneOptions) -> Void = { _ in }
  ) async throws -> (Forecast, ScenePlan, Resources) {
    var options = SceneOptions()
    (options.tileSize, options.overlap, options.memory) = (64, 16, 1 << 30)
    change(&options)
    let plan = try await ScenePlan.make(for: SceneSource(scene), model: model, options: options)
    let resources = try Resources(
      for: plan, model: model, options: options, confidence: confidence)
    return (
      Forecast(plan, model: model, resources: resources, confidence: confidence), plan, resources
    )
  }

  @Test func `disk usage includes the tiles of every stage, a scratch raster, and the output`()
    async throws
  {
    let (forecast, plan, _) = try await forecast(BrightnessModel(refiner: BrightnessRefiner()))
    let stages: [StageName] = [.overview, .coarse, .refined]
    let tiles: Int = stages.map { plan.tasks(of: $0).count }.reduce(0, +)
    let bytes: Int = tiles * 64 * 64 * 4 + 300 * 220 * 8
    #expect(forecast.refinedTiles == plan.outputTiles.count && forecast.refinedTiles > 20)
    #expect(forecast.disk == bytes)
  }

  @Test func `time is known if operations are counted, and grows with the tiles`() async throws {
    let bundle = try D3RSMDE(FormulaBundleKind.tiny.write(to: folder("tiny")))
    let (whole, _, _) = try await forecast(bundle)
    let (part, _, _) = try await forecast(bundle) {
      $0.area = .window(Window(column: 0, row: 0, width: 10, height: 10))
    }
    for forecast in [whole, part] { #expect(try #require(forecast.seconds) > 0) }
    #expect(whole.coarseRuns == whole.tiles + whole.overviewTiles)
    #expect(whole.coarseRuns > part.coarseRuns && whole.refinedTiles > 3 * part.refinedTiles)
    #expect(try await forecast(BrightnessModel()).0.seconds == nil)
  }

  @Test func `no more tiles run at once than exist`() async throws {
    let (_, plan, resources) = try await forecast(BrightnessModel()) {
      $0.area = .window(Window(column: 0, row: 0, width: 10, height: 10))
      $0.threads = 8
    }
    #expect(plan.working.wanted.count == 1)
    #expect(resources.coarse.tilesAtOnce == 1 && resources.coarse.threadsPerTile == 8)
  }

  @Test func `an ensemble multiplies the coarse runs and adds only the memory of its sums`()
    async throws
  {
    let bundle = try D3RSMDE(FormulaBundleKind.tiny.write(to: folder("tiny")))
    let (alone, _, _) = try await forecast(bundle) { ($0.threads, $0.steps) = (1, 0) }
    let (eight, _, _) = try await forecast(bundle) {
      ($0.threads, $0.steps) = (1, 0)
      $0.ensemble = .eight
    }
    #expect(eight.coarseRuns == 8 * alone.tiles + alone.overviewTiles)
    // The sums, and, for a tile and the next one, the source pixels of pixels twice as large.
    #expect((0...64 * 64 * (64 + 2 * 3 * 28)).contains(eight.memory - alone.memory))
    #expect(eight.disk == alone.disk)
  }

  @Test func `quality layers add a strip, files, and the spreads of the tiles`()
    async throws
  {
    let layers = ConfidenceRaster.all(with: .four)
    let four: (inout SceneOptions) -> Void = { $0.ensemble = .four }
    let (bare, plan, resources) = try await forecast(BrightnessModel(), change: four)
    let (all, _, more) = try await forecast(BrightnessModel(), telling: layers, change: four)
    // There are 1 + 4 + 1 + 4 bytes per pixel, for the temporary and for the final files.
    #expect(all.disk - bare.disk == plan.outputTiles.count * 64 * 64 * 4 + 300 * 220 * 10 * 2)
    #expect(all.memory - bare.memory == more.strip - resources.strip)
    #expect(more.strip > resources.strip)
  }
}

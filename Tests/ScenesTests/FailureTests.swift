import DepthModels
import Foundation
import Grids
import Rasters
import Scenes
import Synchronization
import Tensors
import TestModels
import TestSupport
import Testing

/// The failure of a tile is recorded in the report, in the output, and in the folder, which is kept.
@Suite struct FailureTests {
  let folder: TemporaryFolder
  let scene: String

  init() throws {
    folder = try TemporaryFolder()
    scene = folder("scene.tif")
    var fixture = try SceneFixture()
    fixture.options = [
      "TILED": "YES", "BLOCKXSIZE": "64", "BLOCKYSIZE": "64", "COMPRESS": "DEFLATE",
    ]
    try fixture.write(to: scene)
  }

  @Test func `a damaged block becomes a hole and nothing else changes`() async throws {
    let whole = try await infer(scene, to: folder("whole.tif")) { $0.stretch = .range(1000, 9000) }
    let damaged = folder("damaged.tif")
    try FileManager.default.copyItem(atPath: scene, toPath: damaged)
    try damageBlock(column: 2, row: 1, of: damaged)

    let report = try await infer(damaged, to: folder("dem.tif")) {
      $0.stretch = .range(1000, 9000)
    }
    #expect(report.failedTiles.allSatisfy { $0.stage == .coarse && $0.failure.kind == .badData })
    #expect(!report.failedTiles.isEmpty && report.holes > 0)
    #expect(report.warnings.contains { $0.contains("damaged") })
    #expect(report.tilesDone + report.tilesSkipped + report.failedTiles.count == whole.tilesDone)

    let tags = try Dataset(reading: folder("dem.tif")).metadata()
    let holes = try #require(tags["RELIEF_HOLES"])
    #expect(holes.contains("\(report.holes) pixels") && holes.contains("65, damaged.tif"))
    #expect(!holes.contains(folder.path), "the tag contains no folder of this machine")
    // Holes are only where tiles failed; blocks have 64 pixels, and tiles extend at most another 64 pixels.
    let (a, b) = (try pixels(folder("dem.tif")), try pixels(folder("whole.tif")))
    let lost = a.indices.filter { a[$0] == -9999 && b[$0] != -9999 }
    #expect(lost.count == report.holes)
    #expect(Set(lost.map { $0 / 300 }).count < 200 && Set(lost.map { $0 % 300 }).count < 280)

    let status = try OutputStatus(of: OutputOptions(folder("dem.tif")))
    let coarse = try #require(status.unfinished?.stages.first { $0.stage == .coarse })
    #expect(coarse.failed.count == report.failedTiles.count && coarse.done == report.tilesDone)
    #expect(status.holes == holes && status.unfinished?.writer == nil)
  }

  @Test func `a completely damaged scene ends the run with the first failure`() async throws {
    var bytes = try Data(contentsOf: URL(filePath: scene))
    // Every zlib header is destroyed; damage after the header may still decode to something, which cannot be detected.
    for index in 0..<bytes.count - 1
    where bytes[index] == 0x78 && [0x01, 0x5e, 0x9c, 0xda].contains(bytes[index + 1]) {
      bytes[index] = 0xff
    }
    let damaged = folder("damaged.tif")
    try bytes.write(to: URL(filePath: damaged))
    let error = await #expect(throws: RasterError.self) {
      _ = try await infer(damaged, to: folder("dem.tif"))
    }
    #expect(error?.kind == .badData && error?.message.contains("damaged.tif") == true)
  }

  /// Runs the scene with a network that throws at the given calls, counted from 0.
  private func attempt(
    to path: String, failing: Set<Int>, refining: Bool, overwriting: Bool = false,
    progress: @escaping ProgressHandler = { _ in }
  ) async throws -> SceneReport {
    let model = FailingModel(failing: failing, refining: refining)
    var options = SceneOptions()
    (options.threads, options.memory) = (1, 1 << 30)
    var output = OutputOptions(path)
    output.overwrites = overwriting
    let source = try SceneSource(scene)
    let plan = try await ScenePlan.make(for: source, model: model, options: options)
    return try await SceneRun(
      plan, scene: source, model: model, options: options, output: output)(progress: progress)
  }

  @Test func `a failed coarse tile changes all calibrations, so all tiles are refined again`()
    async throws
  {
    _ = try await attempt(to: folder("straight.tif"), failing: [], refining: true)
    let report = try await attempt(to: folder("dem.tif"), failing: [14], refining: true)
    #expect(report.failedTiles.allSatisfy { $0.stage == .coarse } && report.failedTiles.count == 1)
    _ = try await attempt(to: folder("dem.tif"), failing: [], refining: true)
    #expect(
      try Data(contentsOf: URL(filePath: folder("dem.tif")))
        == Data(contentsOf: URL(filePath: folder("straight.tif"))))
  }

  @Test(arguments: [[1], [0, 9, 14]], [false, true])
  func `failed tiles, also of the overview, are retried bit-identically`(
    failing: [Int], refining: Bool
  ) async throws {
    _ = try await attempt(to: folder("straight.tif"), failing: [], refining: refining)
    let report = try await attempt(to: folder("dem.tif"), failing: Set(failing), refining: refining)
    #expect(report.failedTiles.count >= failing.count)
    #expect(report.failedTiles.contains { $0.stage == .overview })
    #expect(report.failedTiles[0].failure.reason.contains("test failure"))
    let again = try await attempt(to: folder("dem.tif"), failing: [], refining: refining)
    #expect(again.failedTiles.isEmpty && again.holes == 0)
    #expect(
      try Data(contentsOf: URL(filePath: folder("dem.tif")))
        == Data(contentsOf: URL(filePath: folder("straight.tif"))))
    #expect(!FileManager.default.fileExists(atPath: folder("dem.relief")))
  }
}

extension FailureTests {
  /// The number of refined tiles that were already done when a run started.
  private final class FirstProgress: Sendable {
    private let count = Mutex<Int?>(nil)
    var refined: Int? { count.withLock { $0 } }

    func note(_ progress: RunProgress) {
      guard case .tiles(.refined, let finished, _) = progress else { return }
      count.withLock { $0 = $0 ?? finished }
    }
  }

  @Test func `a tile that fails again keeps the others, and --overwrite discards all`()
    async throws
  {
    let path = folder("dem.tif")
    let report = try await attempt(to: path, failing: [14], refining: true)
    let bytes = try Data(contentsOf: URL(filePath: path))
    // Only the failed tile is processed again, so the first call is for it.
    let (again, anew) = (FirstProgress(), FirstProgress())
    let second = try await attempt(to: path, failing: [0], refining: true) { again.note($0) }
    #expect(second.failedTiles == report.failedTiles)
    #expect(again.refined == second.tilesDone)
    #expect(try Data(contentsOf: URL(filePath: path)) == bytes)
    _ = try await attempt(to: path, failing: [], refining: true, overwriting: true) {
      anew.note($0)
    }
    #expect(anew.refined == 0)
  }

  @Test func `an output with holes and without stored tiles is not recomputed silently`()
    async throws
  {
    let path = folder("dem.tif")
    _ = try await attempt(to: path, failing: [14], refining: false)
    let bytes = try Data(contentsOf: URL(filePath: path))
    try FileManager.default.removeItem(atPath: folder("dem.relief"))
    let error = await #expect(throws: SceneError.self) {
      _ = try await attempt(to: path, failing: [], refining: false)
    }
    #expect(error?.kind == .badData && error?.message.contains("--overwrite") == true)
    #expect(try Data(contentsOf: URL(filePath: path)) == bytes)
    let anew = try await attempt(to: path, failing: [], refining: false, overwriting: true)
    #expect(anew.holes == 0)
  }
}

/// A brightness model that fails at some calls, counted from 0.
private struct FailingModel: TileModel {
  let brightness = BrightnessModel(tileSize: 64, overlap: 16)
  let failing: Set<Int>
  private let calls = Calls()

  let refiner: (any TileRefiner)?

  init(failing: Set<Int>, refining: Bool) {
    self.failing = failing
    refiner = refining ? BrightnessRefiner(detail: 0.5) : nil
  }

  private final class Calls: Sendable { let count = Atomic(0) }
  private struct TestFailure: Error, CustomStringConvertible { let description = "test failure" }

  var card: ModelCard { brightness.card }
  var identity: String { brightness.identity }
  var sizeMultiple: Int { brightness.sizeMultiple }

  func coarseHeight(of image: Tensor) throws -> Tensor {
    let call = calls.count.add(1, ordering: .relaxed).oldValue
    if failing.contains(call) { throw TestFailure() }
    return brightness.coarseHeight(of: image)
  }

  func peakBytes(rows: Int, columns: Int) -> Int {
    brightness.peakBytes(rows: rows, columns: columns)
  }
}

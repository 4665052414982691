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

@Suite struct InvarianceAuditTests {
  let folder: TemporaryFolder
  let scene: String
  let dem: String

  init() throws {
    folder = try TemporaryFolder()
    (scene, dem) = (folder("scene.tif"), folder("dem.tif"))
    try SceneFixture().write(to: scene)
  }

  private func audit(
    _ scenePath: String? = nil, model: any TileModel = BrightnessModel(),
    change: (inout SceneOptions) -> Void = { _ in },
    progress: @escaping InvarianceAudit.Handler = { _ in }
  ) async throws -> InvarianceReport {
    try await InvarianceReport(
      of: dem, scenePath ?? scene, model: model, change: change, progress: progress)
  }

  /// Rewrites the output with other tags, and maps each height with `height`.
  private func alter(
    _ tags: [String: String?] = [:], _ height: (_ pixel: Int, Float) -> Float = { $1 }
  ) throws {
    let (grid, values, found, placing) = try {
      let dataset = try Dataset(reading: dem)
      return (
        dataset.grid, try dataset.read(dataset.grid.window, band: 1), dataset.metadata(),
        dataset.georeferencing
      )
    }()
    let altered = values.indices.map { values[$0] == -9999 ? -9999 : height($0, values[$0]) }
    try FileManager.default.removeItem(atPath: dem)
    try makeRaster(at: dem, width: grid.width, height: grid.height, bands: [altered]) {
      try $0.setGeoreferencing(placing)
      try $0.setNoData(-9999, band: 1)
      try $0.setMetadata(
        found.merging(tags.compactMapValues(\.self)) { $1 }.filter { tags[$0.key] != .some(nil) })
    }
  }

  @Test func `heights that depend only on pixel values hardly change, and the folder is removed`()
    async throws
  {
    _ = try await infer(scene, to: dem)
    let report = try await audit()
    let (halfStride, part) = try (#require(report.halfStride), #require(report.part))
    for change in [halfStride, part] {
      // The calibration is fitted to an overview of averaged pixels: with other tiles it changes slightly, but equally
      // for all pixels.
      let median = try #require(report.percent(change.heights.median))
      let most = try #require(report.percent(change.heights.percentile95))
      #expect(most < 0.5 && most - median < 0.05)
      #expect(change.heights.unmatchedPixels == 0 && change.failedTiles.isEmpty)
    }
    #expect(halfStride.area == Window(column: 0, row: 0, width: 300, height: 220))
    let voids = 40 * 41 / 2
    #expect(halfStride.heights.comparedPixels == 300 * 220 - voids)
    #expect(part.area == Window(column: 75, row: 55, width: 150, height: 110))
    #expect(part.heights.comparedPixels == 150 * 110)
    let threads = try #require(report.threads)
    #expect(threads.bits?.differentPixels == 0 && threads.bits?.comparedPixels == 150 * 110)
    #expect(threads.second == (threads.first == 1 ? 2 : 1))
    #expect(report.isBitIdentical && report.warnings.isEmpty)
    #expect(!FileManager.default.fileExists(atPath: folder("dem.invariance")))

    let sorted = try pixels(dem).filter { $0 != -9999 }.sorted()
    let rank = { Double(sorted[Int($0 * Double(sorted.count - 1))]) }
    #expect(report.range == rank(0.05)...rank(0.95))
  }

  @Test func `tiles without a common calibration change with their positions`() async throws {
    _ = try await infer(scene, to: dem) { $0.normalization = .perTile }
    let report = try await audit { $0.normalization = .perTile }
    #expect(try #require(report.percent(report.halfStride?.heights.median)) > 5)
    // Without a common calibration, a tile does not depend on the requested area.
    #expect(report.part?.heights.percentile95 == 0)
  }

  @Test func `the audit of an altered raster reports the added differences`() async throws {
    // The whole raster is one tile, so the part has the same bits.
    let oneTile = { (options: inout SceneOptions) in options.tileSize = 320 }
    _ = try await infer(scene, to: dem, change: oneTile)
    let whole = try await audit(change: oneTile)
    #expect(whole.halfStride == nil && whole.part?.heights.percentile95 == 0)
    // The added values are multiples of a half. The heights are below 256, so Float32 has 8 bits before the binary
    // point and 16 after it.
    try alter { Float(Int($1 * 4096)) / 4096 + ($0 % 2 == 0 ? 2 : 0.5) }
    let heights = try #require(try await audit(change: oneTile).part).heights
    #expect(abs(try #require(heights.median) - 0.5) < 1.0 / 4096)
    #expect(abs(try #require(heights.percentile95) - 2) < 1.0 / 4096)
  }

  @Test func `pixels whose bits change from run to run are counted`() async throws {
    let model = UnsteadyModel(amount: 0.001)
    _ = try await infer(scene, to: dem)
    let report = try await audit(model: model)
    let threads = try #require(report.threads)
    #expect(try #require(threads.bits).differentPixels > 150 * 110 / 2 && !report.isBitIdentical)
    #expect(threads.bits?.comparedPixels == 150 * 110)
    // The rasters that differ are kept for inspection.
    let kept = try names(in: folder("dem.invariance")).filter { $0.hasSuffix(".tif") }
    #expect(kept.count == 3, "\(kept)")
  }

  @Test func `the area and the quantity of the raster are read from its tags`() async throws {
    let area = Window(column: 41, row: 50, width: 201, height: 101)
    _ = try await infer(scene, to: dem) {
      $0.area = .window(area)
      $0.quantity = .depth
    }
    let report = try await audit()
    #expect(report.halfStride?.area == area)
    #expect(report.part?.area == Window(column: 91, row: 75, width: 100, height: 50))
    #expect(try #require(report.percent(report.part?.heights.median)) < 0.5)
    #expect(report.range.upperBound < 0, "depths increase downward")
  }

  @Test func `options that would give other pixels are rejected with the differing tags`()
    async throws
  {
    _ = try await infer(scene, to: dem)
    let changes: [([String], (inout SceneOptions) -> Void)] = [
      (["RELIEF_TILES", "“64x64 overlap 16”", "“96x96 overlap 16”"], { $0.tileSize = 96 }),
      (["RELIEF_TILES", "RELIEF_LATTICE", "margin 16"], { $0.overlap = 32 }),
      (["RELIEF_STRETCH", "percentile:1.0,99.0", "minmax"], { $0.stretch = .minMax }),
      (["RELIEF_NORMALIZATION", "per-tile"], { $0.normalization = .perTile }),
      (["RELIEF_GSD", "“30.", "“40."], { $0.gsd = .meters(40) }),
      (["RELIEF_LATTICE", "margin 32"], { $0.shiftsTiles = true }),
      (["RELIEF_ENSEMBLE is missing", "4"], { $0.ensemble = .four }),
    ]
    for (words, change) in changes {
      let error = await #expect(throws: SceneError.self) { _ = try await audit(change: change) }
      #expect(error?.kind == .usage)
      for word in words { #expect("\(error!)".contains(word), "\(word) in \(error!)") }
    }
    let other = BrightnessModel(hasPerTileCalibration: true, refiner: BrightnessRefiner())
    let error = await #expect(throws: SceneError.self) { _ = try await audit(model: other) }
    for word in ["MODEL_SHA256", "STAGES", "“coarse, refined”", "STEPS is missing", "“6”"] {
      #expect("\(error!)".contains(word), "\(error!)")
    }
    #expect(!FileManager.default.fileExists(atPath: folder("dem.invariance")))
  }

  @Test func `another scene and a raster not written by relief are rejected`() async throws {
    _ = try await infer(scene, to: dem)
    var fixture = try SceneFixture()
    fixture.height = 210
    try fixture.write(to: folder("other.tif"))
    let other = await #expect(throws: SceneError.self) {
      _ = try await audit(folder("other.tif"))
    }
    #expect(other?.kind == .usage && "\(other!)".contains("RELIEF_AREA"))
    try alter(["RELIEF_PLAN_SHA256": nil])
    let error = await #expect(throws: SceneError.self) { _ = try await audit() }
    #expect(error?.kind == .badData && "\(error!)".contains("not an output of relief"))
  }

  @Test
  func `another processor causes a warning, another file date does not, and both are audited`()
    async throws
  {
    _ = try await infer(scene, to: dem)
    try alter(["RELIEF_BLAS_CORE": "Abacus", "RELIEF_PLAN_SHA256": "0"])
    let machine = try await audit()
    #expect(machine.warnings.count == 1 && machine.warnings[0].contains("Abacus"))
    _ = try await infer(scene, to: dem, overwriting: true)
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1e9)], ofItemAtPath: scene)
    let date = try await audit()
    #expect(date.warnings.isEmpty)
    #expect(date.part?.heights.unmatchedPixels == 0)
  }

  @Test(arguments: InvarianceAudit.Rerun.allCases)
  func `an interrupted audit resumes`(rerun: InvarianceAudit.Rerun) async throws {
    _ = try await infer(scene, to: dem)
    let straight = try await audit()
    let first = ProgressLog()
    let (scene, dem) = (scene, dem)
    let work = Task {
      try await InvarianceReport(
        of: dem, scene,
        progress: { progress in
          first.note(progress)
          if case .running(rerun, .tiles(.coarse, let finished, _)) = progress, finished >= 2 {
            withUnsafeCurrentTask { $0?.cancel() }
          }
        })
    }
    await #expect(throws: CancellationError.self) { try await work.value }
    #expect(FileManager.default.fileExists(atPath: folder("dem.invariance")))
    let second = ProgressLog()
    let report = try await audit(progress: { second.note($0) })
    let before = InvarianceAudit.Rerun.allCases.prefix { $0 != rerun }
    #expect(before.allSatisfy { first.firstTiles[$0] == 0 && second.firstTiles[$0] == nil })
    #expect(try #require(second.firstTiles[rerun]) >= 2, "finished tiles are not processed again")
    #expect(report.halfStride?.heights == straight.halfStride?.heights)
    #expect(report.part?.heights == straight.part?.heights)
    #expect(report.threads?.bits == straight.threads?.bits)
    #expect(!FileManager.default.fileExists(atPath: folder("dem.invariance")))
  }

  @Test func `the leftovers of an audit with other options are not reused`() async throws {
    _ = try await infer(scene, to: dem)
    let unsteady = UnsteadyModel(amount: 0.001)
    #expect(try await !audit(model: unsteady).isBitIdentical)
    _ = try await infer(scene, to: dem, overwriting: true) { $0.stretch = .minMax }
    let report = try await audit { $0.stretch = .minMax }
    #expect(try #require(report.percent(report.part?.heights.percentile95)) < 0.5)
    #expect(!FileManager.default.fileExists(atPath: folder("dem.invariance")))
  }

  @Test func `a folder with other files in it is left unchanged`() async throws {
    _ = try await infer(scene, to: dem)
    try FileManager.default.createDirectory(
      atPath: folder("dem.invariance"), withIntermediateDirectories: false)
    try "mine".write(
      toFile: folder("dem.invariance/notes.txt"), atomically: false, encoding: .utf8)
    let error = await #expect(throws: SceneError.self) { _ = try await audit() }
    #expect(error?.kind == .cannotCreate && "\(error!)".contains("notes.txt"))
    #expect(try names(in: folder("dem.invariance")) == ["notes.txt"])
  }

  // Stages are processed in order: call 30 is a tile of the shifted run, and call 75 one of the part.
  @Test(arguments: [30, 75])
  func `if a tile fails, the common pixels are compared, and the tile is retried`(
    call: Int
  ) async throws {
    _ = try await infer(scene, to: dem)
    let report = try await audit(model: UnsteadyModel(failing: call)) { $0.threads = 1 }
    let (shift, part) = try (#require(report.halfStride), #require(report.part))
    let change = call == 30 ? shift : part
    #expect(change.failedTiles.count == 1 && report.failedTiles.count == 1)
    #expect(change.failedTiles.first?.stage == .coarse)
    let heights = change.heights
    #expect(heights.unmatchedPixels > 0)
    let pixels = call == 30 ? 300 * 220 - 40 * 41 / 2 : 150 * 110
    #expect(heights.unmatchedPixels + heights.comparedPixels == pixels)
    #expect(try #require(report.percent(heights.percentile95)) < 1)
    // A missing tile changes the calibration of all tiles, so the bits cannot be compared between numbers of threads.
    let bits = try #require(report.threads).bits
    #expect(report.isBitIdentical && (bits == nil) == (call == 75))
    #expect(FileManager.default.fileExists(atPath: folder("dem.invariance")))
    let again = try await audit { $0.threads = 1 }
    #expect(again.failedTiles.isEmpty && again.part?.heights.unmatchedPixels == 0)
    #expect(again.halfStride?.heights.unmatchedPixels == 0)
    #expect(!FileManager.default.fileExists(atPath: folder("dem.invariance")))
  }

  @Test func `a damaged scene has the same holes and the same bits in every run`() async throws {
    var fixture = try SceneFixture()
    fixture.options = [
      "TILED": "YES", "BLOCKXSIZE": "64", "BLOCKYSIZE": "64", "COMPRESS": "DEFLATE",
    ]
    try fixture.write(to: scene)
    try damageBlock(column: 2, row: 1, of: scene)
    let made = try await infer(scene, to: dem)
    #expect(made.holes > 0)
    let report = try await audit()
    let part = try #require(report.part)
    #expect(!part.failedTiles.isEmpty && part.heights.unmatchedPixels == 0)
    #expect(part.heights.comparedPixels > 0 && part.heights.comparedPixels < 150 * 110)
    #expect(try #require(report.threads?.bits).differentPixels == 0)
    #expect(report.threads?.failedTiles.count == part.failedTiles.count)
  }

  @Test func `a raster without heights is rejected; without heights in its middle it has no part`()
    async throws
  {
    var fixture = try SceneFixture()
    fixture.isVoid = { row, column in (50..<170).contains(row) && (70..<230).contains(column) }
    try fixture.write(to: folder("ring.tif"))
    _ = try await infer(folder("ring.tif"), to: dem)
    let report = try await audit(folder("ring.tif"))
    #expect(report.halfStride != nil && report.part == nil && report.threads == nil)
    try alter { _, _ in -9999 }
    let error = await #expect(throws: SceneError.self) {
      _ = try await audit(folder("ring.tif"))
    }
    #expect(error?.kind == .badData)
  }
}

extension InvarianceReport {
  /// Audits an output of `infer`, with its options.
  fileprivate init(
    of dem: String, _ scene: String, model: any TileModel = BrightnessModel(),
    change: (inout SceneOptions) -> Void = { _ in },
    progress: @escaping InvarianceAudit.Handler
  ) async throws {
    var options = SceneOptions()
    (options.tileSize, options.overlap, options.memory) = (64, 16, 1 << 30)
    change(&options)
    let audit = try await InvarianceAudit.prepare(
      of: dem, scene: SceneSource(scene), model: model, options: options)
    self = try await audit(progress: progress)
  }
}

/// A brightness model whose output changes from call to call, or that fails at one call.
private struct UnsteadyModel: TileModel {
  private let brightness = BrightnessModel()
  private let calls = Calls()
  var amount: Float = 0
  var failing: Int?

  init(amount: Float = 0, failing: Int? = nil) { (self.amount, self.failing) = (amount, failing) }

  private final class Calls: Sendable { let count = Atomic(0) }
  private struct CallFailure: Error {}

  var card: ModelCard { brightness.card }
  var identity: String { brightness.identity }
  var sizeMultiple: Int { brightness.sizeMultiple }

  func coarseHeight(of image: Tensor) throws -> Tensor {
    let call = calls.count.add(1, ordering: .relaxed).oldValue
    if call == failing { throw CallFailure() }
    let heights = brightness.coarseHeight(of: image)
    guard amount != 0 else { return heights }
    return Tensor(heights.shape, heights.scalars.map { $0 * (1 + amount * Float(call % 17)) })
  }

  func peakBytes(rows: Int, columns: Int) -> Int {
    brightness.peakBytes(rows: rows, columns: columns)
  }
}

/// Records the number of coarse tiles that each run had at its first progress report.
private final class ProgressLog: Sendable {
  private let tiles = Mutex<[InvarianceAudit.Rerun: Int]>([:])
  var firstTiles: [InvarianceAudit.Rerun: Int] { tiles.withLock { $0 } }

  func note(_ progress: InvarianceAudit.Progress) {
    guard case .running(let rerun, .tiles(.coarse, let finished, _)) = progress else { return }
    tiles.withLock { $0[rerun] = $0[rerun] ?? finished }
  }
}

import Foundation
import Grids
import Rasters
import Scenes
import Surfaces
import TestModels
import TestSupport
import Testing

@Suite struct SceneRunTests {
  let folder: TemporaryFolder
  let scene: String

  init() throws { (folder, scene) = try folderWithScene() }

  /// Returns the heights that the brightness network must give at the scene's own pixel size.
  private func expected(_ fixture: SceneFixture, _ radiometry: Radiometry) -> [Float] {
    (0..<fixture.height).flatMap { row in
      (0..<fixture.width).map { column in
        guard !fixture.isVoid(row, column) else { return -9999 }
        let channels = (1...3).map { band in
          let value = SceneFixture.sample(row, column, band)
          let (low, high) = (radiometry.low[band - 1], radiometry.high[band - 1])
          return min(max((value - low) / (high - low), 0), 1) * 255
        }
        return channels.reduce(0, +) / 3
      }
    }
  }

  @Test func `a network that outputs brightness reproduces the stretched scene`() async throws {
    let source = try SceneSource(scene)
    let radiometry = try await source.measure(.percentile(1, 99), bands: .joint).radiometry
    let report = try await infer(scene, to: folder("dem.tif"))
    let heights = try pixels(folder("dem.tif"))
    let truth = expected(try SceneFixture(), radiometry)
    #expect(heights.count == truth.count)
    // The overview, which has averaged pixels, defines the calibration: one scale and offset for all, near 1 and 0.
    let pairs = zip(heights, truth).filter { $0.1 != -9999 }.map { (Double($0.0), Double($0.1)) }
    let (scale, offset) = line(pairs)
    #expect(abs(scale - 1) < 0.02 && abs(offset) < 2)
    #expect(pairs.allSatisfy { abs(scale * $0.0 + offset - $0.1) < 0.05 })
    #expect(zip(heights, truth).allSatisfy { ($0 == -9999) == ($1 == -9999) })
    #expect(report.holes == 0)
    #expect(report.validPixels == truth.count { $0 != -9999 })
  }

  @Test func `tiles with different scales and offsets are calibrated to the overview`() async throws
  {
    // The overview fits in one tile, so it has a single scale and offset.
    let model = BrightnessModel(gsdRange: 15...120, hasPerTileCalibration: true)
    let report = try await infer(scene, to: folder("dem.tif"), model: model) {
      $0.tileSize = 128
      $0.overlap = 32
    }
    let source = try SceneSource(scene)
    let radiometry = try await source.measure(.percentile(1, 99), bands: .joint).radiometry
    let truth = expected(try SceneFixture(), radiometry)
    let heights = try pixels(folder("dem.tif"))
    let pairs = zip(heights, truth).filter { $0.0 != -9999 }.map { (Double($0.0), Double($0.1)) }
    #expect(correlation(pairs) > 0.9)
    #expect(try #require(report.audit?.statistics.height.ratio) < 1.5)
  }

  private func correlation(_ pairs: [(Double, Double)]) -> Double {
    let n = Double(pairs.count)
    let mx = pairs.reduce(0) { $0 + $1.0 } / n
    let my = pairs.reduce(0) { $0 + $1.1 } / n
    let xy = pairs.reduce(0) { $0 + ($1.0 - mx) * ($1.1 - my) }
    let xx = pairs.reduce(0) { $0 + ($1.0 - mx) * ($1.0 - mx) }
    let yy = pairs.reduce(0) { $0 + ($1.1 - my) * ($1.1 - my) }
    return xy / (xx * yy).squareRoot()
  }

  @Test func `the output has the scene's grid, and its tags say what the values mean`() async throws
  {
    _ = try await infer(scene, to: folder("dem.tif"))
    let input = try Dataset(reading: scene)
    let output = try Dataset(reading: folder("dem.tif"))
    #expect(output.grid == input.grid)
    let (a, b) = try (#require(input.georeferencing.crs), #require(output.georeferencing.crs))
    #expect(a.isSame(as: b))
    #expect(output.bands[0].noData == -9999 && output.bands[0].unit == "1")
    #expect(output.bands[0].sampleType.name == "Float32")
    let tags = output.metadata(domain: nil)
    #expect(tags["HEIGHT"] == "relative" && tags["POSITIVE"] == "up")
    #expect(tags["RELIEF_BLAS_CORE"] != nil && tags["RELIEF_PLAN_SHA256"]?.count == 64)
    #expect(tags["RELIEF_SCENE"] == "scene.tif", "the tag does not contain a local folder")
  }

  @Test func `only the output and its style remain`() async throws {
    _ = try await infer(scene, to: folder("dem.tif"))
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(left == ["dem.qml", "dem.tif", "scene.tif"])
  }

  @Test(arguments: [(1, 1), (2, 1), (3, 4)])
  func `the bits do not depend on the number of threads`(threads: Int, workers: Int) async throws {
    let model = BrightnessModel(hasPerTileCalibration: true)
    _ = try await infer(scene, to: folder("one.tif"), model: model) { $0.threads = 1 }
    _ = try await infer(scene, to: folder("many.tif"), model: model) {
      $0.threads = threads * workers
    }
    #expect(try pixels(folder("one.tif")) == pixels(folder("many.tif")))
  }

  @Test func `tiles without valid pixels are skipped and counted`() async throws {
    var fixture = try SceneFixture()
    fixture.isVoid = { _, column in column >= 150 }
    try fixture.write(to: folder("half.tif"))
    let report = try await infer(folder("half.tif"), to: folder("dem.tif"))
    #expect(report.tilesSkipped > 0 && report.tilesDone > 0)
    #expect(report.holes == 0 && report.validPixels == 150 * 220)
    let heights = try pixels(folder("dem.tif"))
    #expect(heights.indices.allSatisfy { (heights[$0] == -9999) == ($0 % 300 >= 150) })
  }

  @Test func `depths are negated heights`() async throws {
    _ = try await infer(scene, to: folder("height.tif"))
    _ = try await infer(scene, to: folder("depth.tif")) { $0.quantity = .depth }
    let pairs = try zip(pixels(folder("height.tif")), pixels(folder("depth.tif")))
    #expect(pairs.allSatisfy { $0 == -9999 ? $1 == -9999 : $1 == -$0 })
    #expect(try Dataset(reading: folder("depth.tif")).metadata(domain: nil)["POSITIVE"] == "down")
  }

  @Test func `a window has the same heights as the whole scene there`() async throws {
    let window = Window(column: 90, row: 50, width: 130, height: 97)
    let model = BrightnessModel(hasPerTileCalibration: true)
    _ = try await infer(scene, to: folder("whole.tif"), model: model)
    _ = try await infer(scene, to: folder("part.tif"), model: model) { $0.area = .window(window) }
    let whole = try Dataset(reading: folder("whole.tif"))
    let part = try Dataset(reading: folder("part.tif"))
    #expect(part.grid == whole.grid.cropped(to: window))
    let expected = try whole.read(window, band: 1)
    #expect(try change(part.read(part.grid.window, band: 1), from: expected) < 0.02)
  }

  @Test func `tiles that begin half a stride earlier give the same surface`() async throws {
    let model = BrightnessModel(hasPerTileCalibration: true)
    _ = try await infer(scene, to: folder("here.tif"), model: model)
    _ = try await infer(scene, to: folder("there.tif"), model: model) { $0.shiftsTiles = true }
    let (here, there) = (try pixels(folder("here.tif")), try pixels(folder("there.tif")))
    #expect(here != there)
    #expect(change(there, from: here) < 0.02)
  }

  @Test func `a tile with only a few valid pixels is calibrated`() async throws {
    var fixture = try SceneFixture()
    // In the last tiles only every seventh pixel of every seventh row is valid, so no cell is half full.
    fixture.isVoid = { row, column in column >= 230 && (row % 7 != 3 || column % 7 != 3) }
    try fixture.write(to: folder("sparse.tif"))
    let report = try await infer(folder("sparse.tif"), to: folder("dem.tif"))
    #expect(report.failedTiles.isEmpty && report.holes == 0)
  }

  /// Returns the median absolute difference of two surfaces, as a share of the 5–95 % range of the second.
  private func change(_ heights: [Float], from expected: [Float]) -> Float {
    let pairs = zip(heights, expected).filter { $0.1 != -9999 }
    let distances = pairs.map { abs($0.0 - $0.1) }.sorted()
    let sorted = pairs.map(\.1).sorted()
    let last = sorted.count - 1
    return distances[last / 2] / (sorted[last * 95 / 100] - sorted[last * 5 / 100])
  }

  /// Fits the straight line y ≈ scale · x + offset to pairs (x, y) by least squares.
  private func line(_ pairs: [(Double, Double)]) -> (scale: Double, offset: Double) {
    let n = Double(pairs.count)
    let (mx, my) = (pairs.reduce(0) { $0 + $1.0 } / n, pairs.reduce(0) { $0 + $1.1 } / n)
    let xy = pairs.reduce(0) { $0 + ($1.0 - mx) * ($1.1 - my) }
    let xx = pairs.reduce(0) { $0 + ($1.0 - mx) * ($1.0 - mx) }
    return (xy / xx, my - xy / xx * mx)
  }

  @Test func `a bounding box in longitude and latitude covers its window`() async throws {
    let utm = try CRS(SceneFixture.utm)
    let box = Bounds(minX: 501_500, minY: 4_996_000, maxX: 504_500, maxY: 4_998_500)
    let lonLat = try CRS("EPSG:4326").bounds(of: box, from: utm)
    _ = try await infer(scene, to: folder("dem.tif")) {
      $0.area = .bounds(lonLat, try? CRS("EPSG:4326"))
    }
    let output = try Dataset(reading: folder("dem.tif"))
    let origin = try #require(output.georeferencing.geoTransform)
    #expect(origin.originX <= 501_500 && origin.originX > 501_500 - 3 * 30)
    #expect(origin.originY >= 4_998_500 && origin.originY < 4_998_500 + 3 * 30)
    #expect(output.width >= 100 && output.width < 106)
  }

  @Test(arguments: [12.0, 100.0])
  func `a scene processed at another pixel size is written on its own grid, without holes`(
    gsd: Double
  ) async throws {
    var fixture = try SceneFixture()
    fixture.georeferencing.geoTransform = GeoTransform([500_000, gsd, 0, 5_000_000, 0, -gsd])
    let path = folder("other.tif")
    try fixture.write(to: path)
    let report = try await infer(path, to: folder("dem.tif"))
    let output = try Dataset(reading: folder("dem.tif"))
    #expect(output.grid == (try Dataset(reading: path)).grid)
    #expect(report.holes == 0 && report.warnings.contains { $0.contains("are processed at") })
    let heights = try pixels(folder("dem.tif"))
    for row in 0..<fixture.height {
      for column in 0..<fixture.width {
        #expect((heights[row * fixture.width + column] == -9999) == fixture.isVoid(row, column))
      }
    }
  }

  @Test func `a canceled run resumes and gives the same bits`() async throws {
    _ = try await infer(scene, to: folder("straight.tif"))
    let path = folder("dem.tif")
    let scene = scene
    let work = Task {
      try await infer(
        scene, to: path,
        progress: { progress in
          if case .tiles(.coarse, let finished, _) = progress, finished >= 3 {
            withUnsafeCurrentTask { $0?.cancel() }
          }
        })
    }
    await #expect(throws: CancellationError.self) { try await work.value }
    #expect(!FileManager.default.fileExists(atPath: path), "no output before it is complete")
    let counter = Counter()
    _ = try await infer(
      scene, to: path,
      progress: { progress in
        if case .tiles(.coarse, let finished, _) = progress { counter.note(finished) }
      })
    #expect(try #require(counter.first) >= 3, "finished tiles are not processed again")
    #expect(try pixels(path) == pixels(folder("straight.tif")))
  }

  @Test func `an unfinished run with other options is rejected with the differences`() async throws
  {
    let path = folder("dem.tif")
    let scene = scene
    let work = Task {
      try await infer(
        scene, to: path, progress: { _ in withUnsafeCurrentTask { $0?.cancel() } })
    }
    await #expect(throws: CancellationError.self) { try await work.value }
    let error = await #expect(throws: SceneError.self) {
      _ = try await infer(scene, to: path) { $0.stretch = .minMax }
    }
    #expect(error?.kind == .cannotCreate && error?.message.contains("stretch") == true)
    _ = try await infer(scene, to: path, overwriting: true) { $0.stretch = .minMax }
  }
}

/// Records the first number that it receives.
private final class Counter: @unchecked Sendable {
  // Progress handlers are called one at a time, and `first` is read after the run.
  private(set) var first: Int?
  func note(_ number: Int) { first = first ?? number }
}

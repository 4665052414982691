import DepthModels
import Foundation
import Grids
import Rasters
import Scenes
import TestModels
import TestSupport
import Testing

/// The refine stage, with refiners whose results are known.
@Suite struct RefinementTests {
  let folder: TemporaryFolder
  let scene: String

  init() throws { (folder, scene) = try folderWithScene() }

  private func run(
    _ name: String, _ refiner: BrightnessRefiner, hasPerTileCalibration: Bool = true,
    change: (inout SceneOptions) -> Void = { _ in }
  ) async throws -> [Float] {
    // The overview fits in one tile, so it calibrates the different scales and offsets of the tiles.
    let model = BrightnessModel(
      gsdRange: 15...240, hasPerTileCalibration: hasPerTileCalibration, refiner: refiner)
    _ = try await infer(scene, to: folder(name), model: model, change: change)
    return try pixels(folder(name))
  }

  @Test(arguments: [HeightRange.shared, .own])
  func `a refiner that changes nothing preserves the coarse surface`(
    range: HeightRange
  ) async throws {
    let coarse = try await run("coarse.tif", BrightnessRefiner()) { $0.steps = 0 }
    let refined = try await run("refined.tif", BrightnessRefiner(heightRange: range))
    let valid: [Float] = coarse.filter { $0 != -9999 }
    let span: Float = valid.max()! - valid.min()!
    for (a, b) in zip(coarse, refined) { #expect(abs(a - b) <= 1e-4 * span) }
  }

  @Test func `detail is scaled by the range of the surface under the tile`() async throws {
    let plain = try await run("plain.tif", BrightnessRefiner(), hasPerTileCalibration: false)
    let sharp = try await run(
      "sharp.tif", BrightnessRefiner(detail: 0.5), hasPerTileCalibration: false)
    // The image's red channel is nearly the surface itself: half of the range is added where it is brightest.
    let valid = zip(plain, sharp).filter { $0.0 != -9999 }
    #expect(valid.allSatisfy { $1 >= $0 - 0.01 })
    let gain = zip(plain, sharp).map { $1 - $0 }.max()!
    let span = valid.map(\.0).max()! - valid.map(\.0).min()!
    #expect(gain > 0.3 * span && gain < 0.51 * span)
  }

  @Test func `nodata remains nodata, and no valid pixel is lost`() async throws {
    let coarse = try await run("coarse.tif", BrightnessRefiner()) { $0.steps = 0 }
    let refined = try await run("refined.tif", BrightnessRefiner(detail: 1))
    #expect(zip(coarse, refined).allSatisfy { ($0 == -9999) == ($1 == -9999) })
  }

  @Test func `a window has the same heights as the whole scene there`() async throws {
    let window = Window(column: 90, row: 50, width: 70, height: 47)
    let whole = try await run("whole.tif", BrightnessRefiner(detail: 0.3))
    let part = try await run("part.tif", BrightnessRefiner(detail: 0.3)) {
      $0.area = .window(window)
    }
    let expected = window.rows.flatMap { row in window.columns.map { whole[row * 300 + $0] } }
    // Not bit-identical: fewer tiles are calibrated together.
    let distances = zip(part, expected).map { abs($0 - $1) }.sorted()
    let range: Float = expected.max()! - expected.min()!
    #expect(distances[distances.count / 2] < 0.02 * range)
  }

  @Test(arguments: [1, 4])
  func `the bits do not depend on the number of concurrent tiles`(threads: Int) async throws {
    let one = try await run("two.tif", BrightnessRefiner(heightRange: .own, detail: 1)) {
      $0.threads = 2
    }
    let other = try await run("other.tif", BrightnessRefiner(heightRange: .own, detail: 1)) {
      $0.threads = threads
    }
    #expect(one.map(\.bitPattern) == other.map(\.bitPattern))
  }

  @Test(arguments: [0, 6])
  func `with per-tile normalization, the heights of each tile are in 0…1`(steps: Int) async throws {
    let heights = try await run("tiles.tif", BrightnessRefiner(detail: 1)) {
      $0.normalization = .perTile
      $0.steps = steps
    }
    let valid = heights.filter { $0 != -9999 }
    #expect(valid.allSatisfy { (-1e-4...1.0001).contains($0) })
    #expect(valid.max()! > 0.9 && valid.min()! < 0.1)
    let tags = try Dataset(reading: folder("tiles.tif")).metadata(domain: nil)
    #expect(tags["RELIEF_NORMALIZATION"] == "per-tile")
    #expect(tags["RELIEF_STAGES"] == (steps == 0 ? "coarse" : "coarse, refined"))
  }

  /// Writes a sea of faint noise next to hills; the range of its tiles is less than a twentieth of the overview's.
  private func writeSeaBesideHills() throws {
    let fixture = try SceneFixture()
    var dataset = try Dataset(creating: scene, width: 300, height: 220, bands: 3, type: "UInt16")
    try dataset.setGeoreferencing(fixture.georeferencing)
    for band in 1...3 {
      let values = (0..<220).flatMap { row in
        (0..<300).map { column in
          column < 150
            ? Float(3000 + (row * 31 + column * 17) % 5) : SceneFixture.sample(row, column, band)
        }
      }
      try dataset.write(dataset.grid.window, band: band, values.span)
    }
    try dataset.close()
  }

  @Test(arguments: [Float(0), 1, 5])
  func `an uncalibrated result does not turn the sea into mountains`(detail: Float) async throws {
    try writeSeaBesideHills()
    func sea(_ name: String, steps: Int) async throws -> Float {
      let refiner = BrightnessRefiner(heightRange: .own, detail: detail, noise: 1)
      let model = BrightnessModel(gsdRange: 15...240, refiner: refiner)
      _ = try await infer(scene, to: folder(name), model: model, bands: [1, 2, 3]) {
        $0.steps = steps
      }
      let heights = try pixels(folder(name))
      // Tiles that extend into the hills are left out.
      let calm = (0..<220).flatMap { row in (0..<64).map { heights[row * 300 + $0] } }
      return calm.max()! - calm.min()!
    }
    let (coarse, refined) = (
      try await sea("coarse.tif", steps: 0), try await sea("refined.tif", steps: 6)
    )
    #expect(refined <= 2 * coarse, "\(refined) from \(coarse)")
  }

  @Test func `a flat tile is not stretched to the contrast of its surroundings`() async throws {
    try writeSeaBesideHills()
    let seen = SpyRefiner()
    let model = BrightnessModel(gsdRange: 15...240, refiner: seen)
    _ = try await infer(scene, to: folder("dem.tif"), model: model, bands: [1, 2, 3])
    let spans = seen.spans
    #expect(!spans.contains { $0 < 0.2 }, "the sea keeps its coarse heights")
    #expect(spans.contains { $0 > 0.999 }, "hills fill the whole range")
  }

  @Test(arguments: [
    (7, "expected 0 to 6", true), (-1, "expected 0 to 6", true), (1, "no refining half", false),
  ])
  func `a number of steps that the bundle does not support is rejected`(
    steps: Int, message: String, hasRefiner: Bool
  ) async throws {
    let model = BrightnessModel(refiner: hasRefiner ? BrightnessRefiner() : nil)
    let error = await #expect(throws: SceneError.self) {
      _ = try await infer(scene, to: folder("dem.tif"), model: model) { $0.steps = steps }
    }
    #expect(error?.kind == .usage && error?.message.contains(message) == true)
  }

  @Test func `options without an effect are rejected`() async throws {
    let model = BrightnessModel(refiner: BrightnessRefiner())
    let changes: [@Sendable (inout SceneOptions) -> Void] = [
      { ($0.steps, $0.stopsAtOne) = (1, true) }, { $0.samplesPosterior = true },
    ]
    for change in changes {
      let error = await #expect(throws: SceneError.self) {
        _ = try await infer(scene, to: folder("dem.tif"), model: model, change: change)
      }
      #expect(error?.kind == .usage)
    }
  }

  @Test func `in 8 bits, a tile's minimum is 0 and its maximum is 255`() async throws {
    let spy = SpyRefiner()
    let model = BrightnessModel(gsdRange: 15...240, hasPerTileCalibration: true, refiner: spy)
    _ = try await infer(scene, to: folder("dem.tif"), model: model) {
      $0.normalization = .perTile
    }
    #expect(spy.spans.count > 20 && spy.spans.allSatisfy { $0 == 1 })
  }
}

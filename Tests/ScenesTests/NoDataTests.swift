import Foundation
import Grids
import Rasters
import Scenes
import Tensors
import TestModels
import TestSupport
import Testing

/// Declared nodata of a band is excluded, and values that look like undeclared nodata are reported.
@Suite struct NoDataTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let (width, height) = (200, 160)

  /// Writes three bands of hills, with each sample mapped by `change`.
  private func scene(
    _ name: String = "scene.tif", type: String = "UInt16",
    configure: (inout Dataset) throws -> Void = { _ in },
    change: (_ value: Float, _ row: Int, _ column: Int, _ band: Int) -> Float
  ) throws -> String {
    let bands = (1...3).map { band in
      (0..<Self.height).flatMap { row in
        (0..<Self.width).map { column in
          change(SceneFixture.sample(row, column, band), row, column, band)
        }
      }
    }
    return try makeRaster(
      at: folder(name), width: Self.width, height: Self.height, bands: bands, type: type
    ) {
      try $0.setGeoreferencing(SceneFixture().georeferencing)
      let colors: [ColorInterpretation] = [.red, .green, .blue]
      for band in 1...3 { try $0.setColorInterpretation(colors[band - 1], band: band) }
      try configure(&$0)
    }
  }

  private func measure(
    _ path: String, _ stretch: Stretch = .percentile(1, 99), rule: ValidityRule = .init()
  ) async throws -> SceneSource.Measurement {
    try await SceneSource(path, validity: rule).measure(stretch, bands: .each)
  }

  /// One band lacks a sixth of its samples; the pixels are still valid because the other bands have samples.
  @Test(arguments: [Float(0), 65535])
  func `a band's nodata is excluded from its stretch and its image`(noData: Float) async throws {
    let path = try scene(configure: { try $0.setNoData(Double(noData), band: 1) }) {
      value, _, column, band in band == 2 && column < 30 ? noData : value
    }
    let whole = try scene("whole.tif") { value, _, _, _ in value }
    let (found, truth) = (try await measure(path).radiometry, try await measure(whole).radiometry)
    #expect(found.low[0] == truth.low[0] && found.high[2] == truth.high[2])
    #expect(found.low[1] > 1000 && found.high[1] < 9000)
    let source = CalibratedScene(try SceneSource(path), found)
    let tile = try await source.tile(
      Window(column: 0, row: 0, width: 64, height: 32), on: source.scene.grid)
    #expect(tile.isValid.allSatisfy { $0 })
    for pixel in 0..<64 * 32 where pixel % 64 < 30 {
      #expect(tile.image.scalars[pixel * 3 + 1] == found.fill[1])
    }
    // Resampled to half the resolution, a mean includes only the samples that exist.
    let coarse = try await source.tile(
      Window(column: 0, row: 0, width: 32, height: 16), on: Grid(width: 100, height: 80))
    #expect(coarse.image.scalars[1] == found.fill[1])
    let strict = try SceneSource(path, validity: ValidityRule(noData: .any))
    let other = try await CalibratedScene(strict, found).tile(
      Window(column: 0, row: 0, width: 64, height: 32), on: strict.grid)
    #expect(other.isValid.indices.allSatisfy { other.isValid[$0] == ($0 % 64 >= 30) })
  }

  @Test func `the nodata of a Sentinel-2 product is read from its metadata`() async throws {
    let path = try scene(
      configure: {
        try $0.setMetadata(["SPECIAL_VALUE_NODATA": "0", "SPECIAL_VALUE_SATURATED": "65535"])
      },
      change: { value, row, column, _ in
        column < 70 ? 0 : row < 10 ? 65535 : value
      })
    let found = try await measure(path, .minMax)
    #expect(found.radiometry.count == 130 * 150, "saturated samples are excluded from the stretch")
    #expect(found.radiometry.low[0] > 1000 && found.radiometry.high[0] < 9000)
    #expect(found.undeclaredNoData == nil)
    let report = try await infer(path, to: folder("dem.tif"))
    #expect(report.validPixels == 130 * 160 && report.holes == 0)
  }

  @Test(arguments: [([0], 200 * 160 - 40 * 160), ([0, 0, 9], 200 * 160)] as [([Double], Int)])
  func `the user can declare nodata for all bands or for each band`(values: [Double], valid: Int)
    async throws
  {
    let path = try scene { value, _, column, _ in column < 40 ? 0 : value }
    let found = try await measure(path, rule: ValidityRule(declared: values))
    #expect(found.radiometry.count == valid)
    #expect(found.radiometry.low[0] > 1000)
    #expect(throws: SceneError.self) {
      _ = try SceneSource(path, validity: ValidityRule(declared: [0, 0]))
    }
  }

  @Test(arguments: [
    ("UInt16", Float(0), "0"), ("Int16", -9999, "-9999"), ("UInt16", 65535, "65535"),
    ("Float32", 1e30, "1e+30"), ("Float32", -3.402_823_5e38, "-3.4028235e+38"),
  ])
  func `an undeclared value at the edges is reported with its share and the option for it`(
    type: String, value: Float, text: String
  ) async throws {
    let path = try scene(type: type) { $3 > 0 && $1 + $2 < 80 ? value : $0 }
    let note = try await #require(measure(path).undeclaredNoData)
    #expect(note.contains("10 % of the pixels are \(text) in all bands, most at the edges"))
    #expect(note.hasSuffix("--src-nodata \(text)") && note.contains("count in the stretch"))
    let cured = try await measure(path, rule: ValidityRule(declared: [Double(text)!]))
    #expect(cured.undeclaredNoData == nil && cured.radiometry.count < 200 * 160 * 9 / 10)
    let plan = try await ScenePlan.make(
      for: SceneSource(path), model: BrightnessModel(), options: SceneOptions())
    #expect(plan.warnings.contains(note))
  }

  @Test func `a few pixels far from all others are also reported`() async throws {
    let path = try scene(type: "Float32") { $3 > 0 && ($1 * 200 + $2) % 300 == 0 ? 1e30 : $0 }
    #expect(
      try await measure(path).undeclaredNoData?.contains("0.3 % of the pixels are 1e+30") == true)
  }

  @Test func `ordinary brightness values are not reported`() async throws {
    // A few dark and saturated pixels inside the scene, and one band that is 0 in a quarter of it.
    let path = try scene { value, row, column, band in
      (row * 7 + column) % 500 == 0
        ? 0
        : (row + column * 3) % 400 == 0
          ? 9000
          : band == 3 && column < 50 ? 0 : value
    }
    #expect(try await measure(path).undeclaredNoData == nil)
    var dataset = try SceneFixture()
    dataset.isVoid = { _, _ in false }
    try dataset.write(to: folder("plain.tif"))
    #expect(try await measure(folder("plain.tif")).undeclaredNoData == nil)
  }
}

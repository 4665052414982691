import DepthModels
import Foundation
import Grids
import Rasters
import Scenes
import Surfaces
import Synchronization
import Tensors
import TestModels
import TestSupport
import Testing

/// The contents of the quality layers.
@Suite struct ConfidenceTests {
  let folder: TemporaryFolder
  let scene: String

  init() throws { (folder, scene) = try folderWithScene() }

  private static let withoutEnsemble = ConfidenceRaster.all(with: nil)
  private static let all = ConfidenceRaster.all(with: .four)

  /// The tile grid that `infer` uses for the scene.
  private static let tiles = TileGrid(
    width: 300, height: 220, tileWidth: 64, tileHeight: 64, overlap: 16, margin: 8)

  /// Writes a scene with hills from column 104, where a tile's overlap ends, and the sea to the left.
  private func writeSea(_ sea: (_ row: Int, _ column: Int) -> Float) throws {
    var dataset = try Dataset(creating: scene, width: 300, height: 220, bands: 3, type: "UInt16")
    try dataset.setGeoreferencing(SceneFixture().georeferencing)
    for band in 1...3 {
      let values = (0..<220).flatMap { row in
        (0..<300).map { column in
          column < 104 ? sea(row, column) : SceneFixture.sample(row, column, band)
        }
      }
      try dataset.write(dataset.grid.window, band: band, values.span)
    }
    try dataset.close()
  }

  /// A swell of about a hundredth of the hills' range, the same in all tiles that contain it.
  private static func swell(_ row: Int, _ column: Int) -> Float {
    (3000 + 40 * sin(Float(row) / 15) * cos(Float(column) / 11)).rounded()
  }

  /// The height classes of the scene.
  private func classes(
    refining: Bool, change: (inout SceneOptions) -> Void = { _ in }
  ) async throws -> [Float] {
    let model = BrightnessModel(
      gsdRange: 15...240, refiner: refining ? BrightnessRefiner() : nil)
    _ = try await infer(
      scene, to: folder("dem.tif"), model: model, bands: [1, 2, 3], telling: [.heightClass],
      change: change)
    return try pixels(folder("dem_class.tif"))
  }

  @Test func `the number of tiles is the number of windows that contain the pixel`() async throws {
    _ = try await infer(scene, to: folder("dem.tif"), telling: [.tiles])
    let found = try pixels(folder("dem_tiles.tif"))
    let tiles = Self.tiles
    let windows = (0..<tiles.rows).flatMap { row in
      (0..<tiles.columns).map { tiles.window(of: TileIndex(row: row, column: $0)) }
    }
    let fixture = try SceneFixture()
    for pixel in found.indices {
      let (row, column) = pixel.quotientAndRemainder(dividingBy: 300)
      let count = windows.count { $0.columns.contains(column) && $0.rows.contains(row) }
      let expected = fixture.isVoid(row, column) ? 0 : count
      if Int(found[pixel]) != expected {
        Issue.record("row \(row), column \(column): \(found[pixel]), expected \(expected)")
        break
      }
    }
    #expect(Set(found) == [0, 1, 2, 4])
  }

  @Test func `heights are bit-identical with and without layers, and no other files are written`()
    async throws
  {
    let model = BrightnessModel(hasPerTileCalibration: true)
    _ = try await infer(scene, to: folder("bare.tif"), model: model)
    let report = try await infer(
      scene, to: folder("dem.tif"), model: model, telling: Self.withoutEnsemble)
    #expect(
      try Data(contentsOf: URL(filePath: folder("bare.tif")))
        == Data(contentsOf: URL(filePath: folder("dem.tif"))))
    let layers = [
      "dem_class.tif", "dem_class.tif.aux.xml", "dem_disagreement.tif", "dem_tiles.tif",
    ]
    #expect(
      try names(in: folder.path)
        == (["bare.qml", "bare.tif", "dem.qml", "dem.tif", "scene.tif"] + layers).sorted())
    #expect(report.companions.sorted() == (["dem.qml"] + layers).map { folder($0) }.sorted())
  }

  @Test func `each layer has the grid of the output and describes itself`() async throws {
    _ = try await infer(scene, to: folder("dem.tif"), telling: Self.all) {
      $0.ensemble = .four
    }
    let dem = try Dataset(reading: folder("dem.tif"))
    let heights = try pixels(folder("dem.tif"))
    #expect(dem.metadata()["RELIEF_ENSEMBLE"] == "4")
    for raster in ConfidenceRaster.allCases {
      let dataset = try Dataset(reading: OutputOptions(folder("dem.tif")).path(of: raster))
      let band = dataset.bands[0]
      #expect(dataset.grid == dem.grid)
      #expect(try #require(dataset.georeferencing.crs).isSame(as: CRS(SceneFixture.utm)))
      let isByte = raster == .tiles || raster == .heightClass
      #expect(band.sampleType.name == (isByte ? "Byte" : "Float32"))
      #expect(band.noData == (isByte ? 0 : -9999) && band.unit == (isByte ? "" : "1"))
      #expect(!band.description.isEmpty && band.metadata["STATISTICS_MEAN"] != nil)
      let tags = dataset.metadata()
      #expect(tags["RELIEF_RASTER"] == raster.rawValue && tags["RELIEF_NODATA"] != nil)
      #expect(tags["RELIEF_PLAN_SHA256"] == dem.metadata()["RELIEF_PLAN_SHA256"])
      #expect(tags["RELIEF_VERSION"] == SceneRun.version)
      #expect(dataset.metadata(domain: "IMAGE_STRUCTURE")["LAYOUT"] == "COG")
      let values = try pixels(dataset.path)
      if raster != .disagreement {
        let noData = Float(band.noData ?? 1)
        #expect(zip(values, heights).allSatisfy { ($0 == noData) == ($1 == -9999) })
      }
    }
    let classes = try Dataset(reading: folder("dem_class.tif"))
    #expect(classes.bands[0].colorInterpretation == .palette)
    #expect(
      classes.categories(band: 1).map(\.name) == ["nodata", "model", "interpolated", "flat"])
  }

  @Test func `tiles with opposite ramps disagree only in their overlaps`()
    async throws
  {
    let model = BrightnessModel(gsdRange: 15...120, hasPerTileCalibration: true, ramp: 0.1)
    _ = try await infer(
      scene, to: folder("dem.tif"), model: model, telling: [.tiles, .disagreement])
    let pairs = try zip(pixels(folder("dem_tiles.tif")), pixels(folder("dem_disagreement.tif")))
    #expect(pairs.allSatisfy { ($0 > 1) == ($1 != -9999) })
    #expect(pairs.contains { $1 > 0.1 } && pairs.allSatisfy { $1 == -9999 || $1 >= 0 })
  }

  @Test(arguments: [false, true])
  func `a sea without relief is flat wherever its tiles have most of the weight`(
    refining: Bool
  ) async throws {
    try writeSea { _, _ in 3000 }
    let found = try await classes(refining: refining)
    // The last tile with only sea, 40..<104, and the first with hills, 88..<152, have equal weight between 95 and 96.
    #expect(found.indices.allSatisfy { found[$0] == ($0 % 300 < 96 ? 3 : 1) })
  }

  @Test(arguments: [false, true])
  func `a sea with a faint swell is flat next to hills`(
    refining: Bool
  ) async throws {
    try writeSea(Self.swell)
    let found = try await classes(refining: refining)
    #expect(found.indices.allSatisfy { found[$0] == ($0 % 300 < 96 ? 3 : 1) })
  }

  @Test
  func `a sea of noise is flat because its tiles are not correlated`()
    async throws
  {
    // All compared cells have the same median; the noise is a tenth of the hills, so it is not below the minimum range.
    try writeSea { row, column in Float(3000 + (row * 31 + column * 17) % 5 * 150) }
    let found = try await classes(refining: false)
    #expect(found.indices.allSatisfy { found[$0] == ($0 % 300 < 96 ? 3 : 1) })
  }

  @Test(arguments: [(false, false), (true, false), (false, true)])
  func `without a common calibration, only tiles without any relief are flat`(
    isFaint: Bool, isOneTile: Bool
  ) async throws {
    try writeSea { isFaint ? Self.swell($0, $1) : 3000 }
    let found = try await classes(refining: true) {
      if isOneTile { $0.tileSize = 512 } else { $0.normalization = .perTile }
    }
    let hasFlat = !isFaint && !isOneTile
    #expect(found.indices.allSatisfy { found[$0] == (hasFlat && $0 % 300 < 96 ? 3 : 1) })
  }

  @Test(arguments: [12.0, 30, 100])
  func `around a hole of a resampled scene, heights are interpolated`(
    gsd: Double
  ) async throws {
    var fixture = try SceneFixture()
    fixture.georeferencing.geoTransform = GeoTransform([500_000, gsd, 0, 5_000_000, 0, -gsd])
    try fixture.write(to: scene)
    var options = SceneOptions()
    (options.tileSize, options.overlap) = (64, 16)
    let source = try SceneSource(scene)
    let plan = try await ScenePlan.make(for: source, model: BrightnessModel(), options: options)
    let hole = TileIndex(row: 1, column: 1)
    let window = plan.working.tiles.window(of: hole)
    let image = try await CalibratedScene(source, plan.radiometry)
      .tile(window, on: plan.working.lattice).image
    let report = try await infer(
      scene, to: folder("dem.tif"), model: FailingModel(image: image.scalars),
      telling: Self.withoutEnsemble)
    #expect(report.failedTiles.map(\.tile) == [hole] && report.holes > 0)

    let lattice = plan.working.lattice
    let tiles = plan.working.tiles
    let heights = try pixels(folder("dem.tif"))
    let classes = try pixels(folder("dem_class.tif"))
    let counts = try pixels(folder("dem_tiles.tif"))
    for pixel in heights.indices {
      let (row, column) = pixel.quotientAndRemainder(dividingBy: 300)
      let nearest = Window(
        column: (2 * column + 1) * lattice.width / 600, row: (2 * row + 1) * lattice.height / 440,
        width: 1, height: 1)
      let isInHole = tiles.tiles(overlapping: nearest) == [hole]
      let expected: Float = heights[pixel] == -9999 ? 0 : isInHole ? 2 : 1
      if classes[pixel] != expected || (counts[pixel] == 0) != (expected == 0) {
        Issue.record("row \(row), column \(column): \(classes[pixel]), expected \(expected)")
        break
      }
    }
    #expect(classes.contains(2) == (gsd != 30))
  }

  @Test func `depth inverts heights but no quality layer`() async throws {
    let model = BrightnessModel(hasPerTileCalibration: true, ramp: 0.1)
    for (name, quantity) in [("height", SceneOptions.Quantity.height), ("depth", .depth)] {
      _ = try await infer(
        scene, to: folder(name + ".tif"), model: model, telling: Self.all
      ) {
        $0.quantity = quantity
        $0.ensemble = .four
      }
    }
    for raster in ConfidenceRaster.allCases {
      let (height, depth) = (
        try pixels(folder("height_\(raster.rawValue).tif")),
        try pixels(folder("depth_\(raster.rawValue).tif"))
      )
      #expect(height == depth && Set(height).count > 1)
    }
  }

  @Test func `a spread without an ensemble is rejected`() async throws {
    let error = await #expect(throws: SceneError.self) {
      _ = try await infer(scene, to: folder("dem.tif"), telling: Self.all)
    }
    #expect(error?.kind == .usage)
  }
}

/// A brightness model that fails for one image.
private struct FailingModel: TileModel {
  let brightness = BrightnessModel(tileSize: 64, overlap: 16)
  let image: [Float]

  init(image: [Float]) { self.image = image }

  var card: ModelCard { brightness.card }
  var identity: String { brightness.identity }
  var sizeMultiple: Int { brightness.sizeMultiple }

  func coarseHeight(of image: Tensor) throws -> Tensor {
    guard image.scalars != self.image else { throw Failure(.badData, "a test") }
    return brightness.coarseHeight(of: image)
  }

  func peakBytes(rows: Int, columns: Int) -> Int { 0 }
}

import DepthModels
import Foundation
import Grids
import Rasters
import Scenes
import Tensors
import TestModels
import TestSupport
import Testing

/// One area in all eight orientations of its image: the networks' input and the heights on the ground do not change.
@Suite struct TurnedSceneTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Writes a turned image, with the geotransform of the same area or without one.
  private func write(_ bands: [[Float]], _ grid: Grid, turned turn: SquareSymmetry, to name: String)
    throws
  {
    let planes = bands.map {
      Tensor([1, grid.height, grid.width, 1], $0).turned(by: turn)
    }
    let (_, height, width, _) = planes[0].shape.image
    var georeferencing = try SceneFixture().georeferencing
    georeferencing.geoTransform = grid.geoTransform.map { Self.turned($0, grid, by: turn) }
    if grid.geoTransform == nil { georeferencing.crs = nil }
    try makeRaster(
      at: folder(name), width: width, height: height, bands: planes.map(\.scalars), type: "UInt16"
    ) {
      try $0.setGeoreferencing(georeferencing)
      for band in 1...3 { try $0.setNoData(65535, band: band) }
    }
  }

  /// Returns the geotransform of a turned image: its rows and columns are those of the image reversed and then swapped.
  private static func turned(_ old: GeoTransform, _ grid: Grid, by turn: SquareSymmetry)
    -> GeoTransform
  {
    func place(_ column: Double, _ row: Double) -> (x: Double, y: Double) {
      var (y, x) = turn.swapsAxes ? (column, row) : (row, column)
      if turn.reversesRows { y = Double(grid.height) - y }
      if turn.reversesColumns { x = Double(grid.width) - x }
      return old.map(column: x, row: y)
    }
    let (origin, right, down) = (place(0, 0), place(1, 0), place(0, 1))
    return GeoTransform([
      origin.x, right.x - origin.x, down.x - origin.x, origin.y, right.y - origin.y,
      down.y - origin.y,
    ])
  }

  private static func fixture(_ grid: Grid) throws -> [[Float]] {
    let isVoid = try SceneFixture().isVoid
    return (1...3).map { band in
      (0..<grid.height).flatMap { row in
        (0..<grid.width).map { isVoid(row, $0) ? 65535 : SceneFixture.sample(row, $0, band) }
      }
    }
  }

  private func values(_ name: String, turned turn: SquareSymmetry) throws -> [Float] {
    let dataset = try Dataset(reading: folder(name))
    let heights = try dataset.read(dataset.grid.window, band: 1)
    return Tensor([1, dataset.height, dataset.width, 1], heights).turned(by: turn).scalars
  }

  /// A mode to process and blend tiles.
  enum Mode: CaseIterable { case coarse, refined, joint, resampled, half, ensemble }

  @Test(arguments: Mode.allCases)
  func `a scene gives bit-identical heights in all orientations`(mode: Mode) async throws {
    let grid = Grid(
      width: 300, height: 220, geoTransform: try SceneFixture().georeferencing.geoTransform)
    let bands = try Self.fixture(grid)
    let refiner: (any TileRefiner)? =
      switch mode {
      case .coarse, .resampled, .ensemble: nil
      case .refined, .half: BrightnessRefiner(detail: 0.5, noise: 0.1, ramp: 1e-3)
      case .joint: TileOffsetRefiner(steps: 3)
      }
    // The model's output depends on the tile and on its orientation.
    let model = BrightnessModel(
      gsdRange: 15...240, hasPerTileCalibration: true, refiner: refiner, ramp: 0.25)
    var expected: [String: [Float]] = [:]
    let turns = mode == .coarse ? SquareSymmetry.all : sample(SquareSymmetry.all, every: 3)
    for (number, turn) in turns.enumerated() {
      try write(bands, grid, turned: turn, to: "scene\(number).tif")
      _ = try await infer(
        folder("scene\(number).tif"), to: folder("\(number).tif"), model: model, bands: [1, 2, 3],
        telling: [.tiles, .disagreement, .heightClass]
      ) {
        $0.sunAzimuth = 150
        $0.refinesJointly = mode == .joint
        $0.ensemble = mode == .ensemble ? .two : nil
        if mode == .resampled { $0.gsd = .meters(47) }
        if mode == .half {
          let part = Window(column: 70, row: 40, width: 130, height: 90)
          $0.area = .window(Self.moved(part, in: grid, by: turn))
        }
      }
      for suffix in ["", "_tiles", "_disagreement", "_class"] {
        let found = try values("\(number)\(suffix).tif", turned: turn.inverse)
        if turn == .identity { expected[suffix] = found }
        #expect(found == expected[suffix], "\(turn)\(suffix)")
      }
      let tags = try Dataset(reading: folder("\(number).tif")).metadata()
      #expect(tags["RELIEF_TURN"] == turn.inverse.description)
      #expect(tags["RELIEF_SUN_AZIMUTH"] == "150.0°, as given")
    }
    // The comparison is not empty.
    #expect(try #require(expected[""]).filter { $0 != -9999 }.max()! > 0)
  }

  /// Returns the position of a window of the scene after the turn.
  private static func moved(_ window: Window, in grid: Grid, by turn: SquareSymmetry) -> Window {
    let column =
      turn.reversesColumns ? grid.width - window.columns.upperBound : window.column
    let row = turn.reversesRows ? grid.height - window.rows.upperBound : window.row
    return turn.swapsAxes
      ? Window(column: row, row: column, width: window.height, height: window.width)
      : Window(column: column, row: row, width: window.width, height: window.height)
  }

  @Test func `without georeferencing, the sun azimuth is counted from the top of the image`()
    async throws
  {
    let grid = Grid(width: 300, height: 220)
    let model = BrightnessModel(hasPerTileCalibration: true, ramp: 0.25)
    var expected: [Float]?
    for (number, turn) in SquareSymmetry.all.enumerated() {
      try write(try Self.fixture(grid), grid, turned: turn, to: "scene.tif")
      _ = try await infer(
        folder("scene.tif"), to: folder("\(number).tif"), model: model, bands: [1, 2, 3]
      ) { $0.sunAzimuth = turn.azimuth(150) }
      let found = try values("\(number).tif", turned: turn.inverse)
      if expected == nil { expected = found }
      #expect(found == expected, "\(turn)")
    }
  }

  @Test func `a network that accepts any sun azimuth processes scenes as they are`() async throws {
    var fixture = try SceneFixture()
    fixture.georeferencing.geoTransform = GeoTransform([500_000, 30, 0, 4_000_000, 0, 30])
    try fixture.write(to: folder("scene.tif"))
    let scene = try SceneSource(folder("scene.tif"))
    for (range, turn) in [
      (135.0...180.0, SquareSymmetry(reversesRows: true, reversesColumns: false, swapsAxes: false)),
      (0...360, .identity),
    ] {
      var model = BrightnessModel()
      model.sunAzimuth = range
      var options = SceneOptions()
      options.sunAzimuth = 150
      let plan = try await ScenePlan.make(for: scene, model: model, options: options)
      #expect(plan.turn == turn && plan.working.tiles.width == 300)
    }
  }

  @Test func `the turn affects the plan's hash, but the source of the azimuth does not`()
    async throws
  {
    try SceneFixture().write(to: folder("scene.tif"))
    func plan(_ azimuth: Double?) async throws -> ScenePlan {
      var options = SceneOptions()
      options.sunAzimuth = azimuth
      return try await ScenePlan.make(
        for: SceneSource(folder("scene.tif")), model: BrightnessModel(), options: options)
    }
    let guessed = try await plan(nil)
    guard case .guessed? = guessed.sun?.source else { Issue.record("not guessed"); return }
    #expect(try await guessed.hash == plan(150).hash)
    #expect(try await guessed.hash != plan(30).hash)
    await #expect(throws: SceneError.self) { _ = try await plan(.nan) }
  }

  @Test(
    .enabled(if: hasSharedData("pairs/zion"), "requires the shared pairs next to the repository"),
    arguments: [
      SquareSymmetry(reversesRows: true, reversesColumns: false, swapsAxes: false),
      SquareSymmetry(reversesRows: true, reversesColumns: true, swapsAxes: false),
    ])
  func `Zion flipped or rotated by 180° together with the sun gives the same heights`(
    turn: SquareSymmetry
  )
    async throws
  {
    let source = try Dataset(reading: sharedPath("pairs/zion/landsat_rgbn.vrt"))
    let window = Window(column: 400, row: 500, width: 300, height: 280)
    let bands = try (1...3).map { try source.read(window, band: $0) }
    let grid = Grid(width: window.width, height: window.height)
    let model = try D3RSMDE(ModelBundle.locate(nil))
    var found: [[Float]] = []
    for view in [SquareSymmetry.identity, turn] {
      try write(bands, grid, turned: view, to: "zion.tif")
      _ = try await infer(
        folder("zion.tif"), to: folder("heights.tif"), model: model, bands: [1, 2, 3],
        overwriting: true
      ) {
        ($0.tileSize, $0.overlap, $0.steps) = (256, 64, 1)
        $0.sunAzimuth = view.azimuth(147)
      }
      found.append(try values("heights.tif", turned: view.inverse))
    }
    #expect(found[0] == found[1])
  }
}

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

/// Tiles seen in several ways by networks whose answers are known.
@Suite struct EnsembleTests {
  let folder: TemporaryFolder
  let scene: String

  init() throws {
    folder = try TemporaryFolder()
    scene = folder("scene.tif")
    try SceneFixture().write(to: scene)
  }

  /// A gray tile of a size, all of it valid.
  private func tile(rows: Int, columns: Int, _ gray: (Int, Int) -> Float) -> SourceTile {
    let values = (0..<rows).flatMap { row in (0..<columns).map { gray(row, $0) } }
    return SourceTile(
      image: Tensor([1, rows, columns, 3], values.flatMap { [$0, $0, $0] }),
      isValid: Array(repeating: true, count: values.count))
  }

  private func see(
    _ tile: SourceTile, with model: any TileModel, _ ensemble: SceneOptions.Ensemble?
  ) throws -> TileHeights {
    try CoarseHeights(model: model, ensemble: ensemble)
      .heights(of: TileIndex(row: 0, column: 0), seen: tile)
  }

  @Test(arguments: SceneOptions.Ensemble.allCases, [(64, 64), (40, 96), (33, 50)])
  func `a network to which all ways are one has no spread`(
    ensemble: SceneOptions.Ensemble, size: (Int, Int)
  ) throws {
    let seen = tile(rows: size.0, columns: size.1) { SceneFixture.sample($0, $1, 1) / 40 }
    let alone = try see(seen, with: BrightnessModel(), nil)
    let many = try see(seen, with: BrightnessModel(), ensemble)
    #expect(alone.spread == nil)
    // Rounding of heights of 200 in Float32, some times.
    #expect(try #require(many.spread).allSatisfy { $0 < 1e-4 })
    #expect(zip(alone.values, many.values).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  @Test(arguments: [false, true])
  func `a ramp along what is shown has the spread known by hand`(isEight: Bool) throws {
    // Even about the middle of rows and columns, and the same in both: all members have one scale and shift.
    let bell = { (place: Int) in cos(Float(place) - 31.5) * 30 }
    let seen = tile(rows: 64, columns: 64) { 100 + bell($0) + bell($1) }
    let ramp: Float = 0.25
    let heights = try see(seen, with: BrightnessModel(ramp: ramp), isEight ? .eight : .four)
    let spread = try #require(heights.spread)
    for row in 0..<64 {
      for column in 0..<64 {
        let (x, y) = (Float(column) - 31.5, Float(row) - 31.5)
        // Of four members ±x twice each; of eight, ±y twice each, too. Their mean has no ramp.
        let squares = isEight ? 4 * (x * x + y * y) / 7 : 4 * x * x / 3
        #expect(abs(spread[row * 64 + column] - ramp * squares.squareRoot()) < 2e-3)
        let plain = 100 + bell(row) + bell(column)
        #expect(abs(heights.values[row * 64 + column] - plain) < 2e-3)
      }
    }
  }

  @Test func `members with scales and shifts of their own come to the first one's`() throws {
    let seen = tile(rows: 64, columns: 64) { SceneFixture.sample($0, $1, 1) / 40 }
    let model = Fickle { call, height in height * Float(call + 1) + Float(100 * call) }
    let heights = try see(seen, with: model, .eight)
    let alone = try see(seen, with: BrightnessModel(), nil)
    #expect(zip(heights.values, alone.values).allSatisfy { abs($0 - $1) < 1e-2 })
    #expect(try #require(heights.spread).allSatisfy { $0 < 1e-2 })
  }

  @Test(arguments: [Float(0), 1e-3])
  func `a member that shows something else is counted at its own scale, on the first one's level`(
    relief: Float
  ) throws {
    let seen = tile(rows: 64, columns: 64) { SceneFixture.sample($0, $1, 1) / 40 }
    let first = try see(seen, with: BrightnessModel(), nil).values
    // Nothing, or noise: blown up to the first one's relief it would make a spread of tens.
    let model = Fickle { call, height in
      call == 0 ? height : 500 + relief * Float(Int(height * 1e4) % 97) / 97
    }
    let heights = try see(seen, with: model, .four)
    let spread = try #require(heights.spread)
    // Three members at m and one at m + d: their mean is m + d/4, their deviation |d|/2.
    for pixel in first.indices {
      let expected = abs(first[pixel] - heights.values[pixel]) * 2 / 3
      #expect(abs(spread[pixel] - expected) < 2e-3 + relief)
    }
    #expect(spread.max()! > 10)
  }

  @Test func `a member without a number is the tile's failure`() throws {
    let seen = tile(rows: 64, columns: 64) { Float($0 + $1) }
    let model = Fickle { call, height in call == 2 && height == 7 ? .infinity : height }
    #expect(throws: Failure.self) { try see(seen, with: model, .four) }
  }

  @Test(arguments: SceneOptions.Ensemble.allCases)
  func `a refiner's ramp has the spread known by hand, on the surface's ruler`(
    ensemble: SceneOptions.Ensemble
  ) async throws {
    // One tile: the surface under it is the scene's brightness.
    let ramp: Float = 1e-3
    func run(_ name: String, _ change: (inout SceneOptions) -> Void) async throws {
      let model = BrightnessModel(refiner: BrightnessRefiner(ramp: ramp))
      _ = try await infer(
        scene, to: folder(name), model: model,
        telling: name == "dem.tif" ? [.spread] : []
      ) {
        $0.tileSize = 512
        change(&$0)
      }
    }
    try await run("coarse.tif") { $0.steps = 0 }
    try await run("dem.tif") { $0.ensemble = ensemble }
    let coarse = try pixels(folder("coarse.tif"))
    let (heights, spread) = (try pixels(folder("dem.tif")), try pixels(folder("dem_spread.tif")))
    let known = coarse.filter { $0 != -9999 }
    let range = known.max()! - known.min()!
    let tiles = try await ScenePlan(
      SceneSource(scene), model: BrightnessModel(),
      options: {
        var options = SceneOptions()
        (options.tileSize, options.overlap) = (512, 16)
        return options
      }()
    ).working.tiles
    #expect(tiles.count == 1 && tiles.tileWidth != tiles.tileHeight)
    for pixel in coarse.indices where coarse[pixel] != -9999 {
      let (row, column) = pixel.quotientAndRemainder(dividingBy: 300)
      let x = Float(column + tiles.columnMargin) - Float(tiles.tileWidth - 1) / 2
      let y = Float(row + tiles.rowMargin) - Float(tiles.tileHeight - 1) / 2
      let squares = ensemble == .eight ? 4 * (x * x + y * y) / 7 : 4 * x * x / 3
      guard abs(spread[pixel] - range * ramp * squares.squareRoot()) < 1e-3,
        abs(heights[pixel] - coarse[pixel]) < 1e-2
      else {
        Issue.record("row \(row), column \(column): \(spread[pixel])")
        break
      }
    }
  }

  @Test(arguments: [false, true])
  func `tiles of a whole scene have no spread where all ways are one`(
    refining: Bool
  ) async throws {
    let model = BrightnessModel(
      gsdRange: 15...240, refiner: refining ? BrightnessRefiner(detail: 0.5) : nil)
    _ = try await infer(scene, to: folder("alone.tif"), model: model)
    _ = try await infer(scene, to: folder("dem.tif"), model: model, telling: [.spread]) {
      $0.ensemble = .eight
    }
    let spread = try pixels(folder("dem_spread.tif"))
    let pairs = try zip(pixels(folder("alone.tif")), pixels(folder("dem.tif")))
    #expect(spread.allSatisfy { $0 == -9999 || (0..<0.01).contains($0) })
    #expect(pairs.allSatisfy { abs($0 - $1) < 0.1 })
  }

  @Test func `an ensemble is part of the plan, what is told of it is not`() async throws {
    var options = SceneOptions()
    let model = BrightnessModel()
    let alone = try await ScenePlan(SceneSource(scene), model: model, options: options)
    options.ensemble = .four
    let four = try await ScenePlan(SceneSource(scene), model: model, options: options)
    options.ensemble = .eight
    let eight = try await ScenePlan(SceneSource(scene), model: model, options: options)
    #expect(try Set([alone.hash, four.hash, eight.hash]).count == 3)
  }
}

/// Brightness, changed by a function of the number of the call, from 0, and the height.
private struct Fickle: TileModel {
  let change: @Sendable (Int, Float) -> Float
  let brightness = BrightnessModel()
  private let calls = Calls()
  private final class Calls: Sendable { let count = Atomic(0) }

  init(change: @escaping @Sendable (Int, Float) -> Float) { self.change = change }

  var card: ModelCard { brightness.card }
  var identity: String { brightness.identity }
  var sizeMultiple: Int { brightness.sizeMultiple }

  func coarseHeight(of image: Tensor) -> Tensor {
    let call = calls.count.add(1, ordering: .relaxed).oldValue
    let heights = brightness.coarseHeight(of: image)
    return Tensor(heights.shape, heights.scalars.map { change(call, $0) })
  }

  func peakBytes(rows: Int, columns: Int) -> Int { 0 }
}

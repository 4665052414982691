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

/// Tiles seen at several pixel sizes by networks whose answers are known.
@Suite struct EnsembleTests {
  let folder: TemporaryFolder
  let scene: String

  init() throws {
    folder = try TemporaryFolder()
    scene = folder("scene.tif")
    try SceneFixture().write(to: scene)
  }

  /// A gray scene of 300 × 220 pixels by formula, all of it valid.
  private func write(_ gray: (_ row: Int, _ column: Int) -> Float) throws {
    let values = (0..<220).flatMap { row in (0..<300).map { gray(row, $0) } }
    try makeRaster(
      at: scene, width: 300, height: 220, bands: [values, values, values]
    ) { try $0.setGeoreferencing(SceneFixture().georeferencing) }
  }

  /// Heights and spread.
  private func run(
    _ name: String, _ model: any TileModel, _ ensemble: SceneOptions.Ensemble?,
    change: (inout SceneOptions) -> Void = { _ in }
  ) async throws -> (heights: [Float], spread: [Float]) {
    _ = try await infer(
      scene, to: folder(name + ".tif"), model: model, bands: [1, 2, 3],
      telling: ensemble == nil ? [] : [.spread]
    ) {
      $0.ensemble = ensemble
      $0.threads = 1
      change(&$0)
    }
    return (
      try pixels(folder(name + ".tif")),
      ensemble == nil ? [] : try pixels(folder(name + "_spread.tif"))
    )
  }

  @Test func `looks begin with the tile as it lies, and see at most twice as far`() {
    for ensemble in SceneOptions.Ensemble.allCases {
      #expect(ensemble.scales.count == ensemble.rawValue && ensemble.scales[0] == 1)
      #expect(ensemble.scales == ensemble.scales.sorted() && ensemble.scales.last! < 2)
    }
  }

  @Test(arguments: SceneOptions.Ensemble.allCases, [false, true])
  func `broad forms are the same at all pixel sizes, whatever scale each look has`(
    ensemble: SceneOptions.Ensemble, refining: Bool
  ) async throws {
    try write { sin(Float($0) / 40) * cos(Float($1) / 50) * 1000 + Float($1) }
    func model(moody: Bool) -> BrightnessModel {
      BrightnessModel(
        gsdRange: 15...240, hasMoods: moody, refiner: refining ? BrightnessRefiner() : nil)
    }
    let alone = try await run("alone", model(moody: false), nil)
    let many = try await run("many", model(moody: false), ensemble)
    let range = alone.heights.max()! - alone.heights.min()!
    // What averaging over twice the pixel makes of waves of 40 pixels, and the margin of the scene mirrored.
    #expect(zip(alone.heights, many.heights).allSatisfy { abs($0 - $1) < 0.02 * range })
    #expect(many.spread.allSatisfy { (0..<0.03 * range).contains($0) })
    let moody = try await run("moody", model(moody: true), ensemble) { $0.tileSize = 512 }
    let one = try await run("one", model(moody: true), nil) { $0.tileSize = 512 }
    let span = one.heights.max()! - one.heights.min()!
    #expect(zip(one.heights, moody.heights).allSatisfy { abs($0 - $1) < 0.02 * span })
  }

  @Test func `what only one pixel size shows has a spread`() async throws {
    try write { row, column in
      1000 * cos(Float(column) / 50) + (column > 150 && (row + column).isMultiple(of: 2) ? 300 : 0)
    }
    let found = try await run("found", BrightnessModel(), .four) { $0.tileSize = 512 }
    let places = found.spread.indices
    func mean(_ columns: Range<Int>) -> Float {
      let inside = places.filter { columns.contains($0 % 300) }
      return inside.reduce(0) { $0 + found.spread[$1] } / Float(inside.count)
    }
    #expect(mean(160..<290) > 5 * mean(10..<140))
  }

  @Test func `fine forms are those of the tile as it lies`() async throws {
    // Waves of 6 pixels, which larger pixels blur.
    try write { row, column in
      1000 * cos(Float(column) / 50) + 100 * sin(Float(column) * 2 * .pi / 6)
    }
    let one = try await run("one", BrightnessModel(), nil) { $0.tileSize = 512 }
    let many = try await run("many", BrightnessModel(), .four) { $0.tileSize = 512 }
    func roughness(_ heights: [Float]) -> Float {
      heights.indices.dropFirst().dropLast().reduce(0) {
        $0 + abs(heights[$1 - 1] - 2 * heights[$1] + heights[$1 + 1])
      }
    }
    #expect(abs(roughness(many.heights) / roughness(one.heights) - 1) < 0.05)
  }

  @Test func `each tile costs its number of looks, and the overview one`() async throws {
    for ensemble in SceneOptions.Ensemble.allCases {
      let model = Fickle { $1 }
      let plan = try await {
        var options = SceneOptions()
        (options.tileSize, options.overlap) = (64, 16)
        return try await ScenePlan(SceneSource(scene), model: model, options: options)
      }()
      _ = try await run("\(ensemble)", model, ensemble)
      let tiles = plan.tiles(of: .coarse).count
      #expect(
        model.count == ensemble.rawValue * tiles + plan.tiles(of: .overview).count)
    }
  }

  @Test(arguments: [Float(0), 1e-3])
  func `a look that shows something else is counted at its own scale, on the first one's level`(
    relief: Float
  ) async throws {
    let one = try await run("one", BrightnessModel(), nil) { $0.tileSize = 512 }
    // Nothing, or noise: blown up to the first one's relief it would make a spread of tens.
    let model = Fickle { call, height in
      call == 0 ? height : 500 + relief * Float(Int(height * 1e4) % 97) / 97
    }
    let many = try await run("many", model, .four) { $0.tileSize = 512 }
    // One look and three at its mean: they deviate by half of its distance from the mean; noise that is fitted to relief
    // leaves a little.
    let valid = one.heights.indices.filter { one.heights[$0] != -9999 }
    let mean = valid.reduce(0.0) { $0 + Double(one.heights[$1]) } / Double(valid.count)
    let top = valid.max { one.heights[$0] < one.heights[$1] }!
    let level = Double(one.heights[top]) - 2 * Double(many.spread[top])
    #expect(abs(level - mean) < 0.01 * (Double(one.heights[top]) - mean))
    for pixel in valid {
      let expected = abs(Double(one.heights[pixel]) - level) / 2
      guard abs(Double(many.spread[pixel]) - expected) < (relief == 0 ? 1e-2 : 1) else {
        Issue.record("pixel \(pixel): \(many.spread[pixel]), expected \(expected)")
        break
      }
    }
    #expect(many.spread.max()! > 10)
  }

  @Test func `a look without a number is the tile's failure`() async throws {
    let model = Fickle { call, height in call == 2 ? .infinity : height }
    let error = await #expect(throws: SceneError.self) {
      _ = try await run("dem", model, .four) { $0.tileSize = 512 }
    }
    #expect(error?.kind == .badData && error?.message.contains("inf") == true)
  }

  @Test func `refined heights have the spread of the coarse ones, calibrated`() async throws {
    let model = BrightnessModel(
      gsdRange: 15...240, hasMoods: true, refiner: BrightnessRefiner(detail: 0.1))
    let coarse = try await run("coarse", model, .four) { $0.steps = 0 }
    let refined = try await run("refined", model, .four)
    #expect(zip(coarse.spread, refined.spread).allSatisfy { abs($0 - $1) < 1e-3 })
    #expect(
      coarse.heights != refined.heights && coarse.spread.max()! > 0, "\(coarse.spread.max()!)")
  }

  @Test func `an ensemble is part of the plan`() async throws {
    var hashes: Set<String> = []
    for ensemble in [nil] + SceneOptions.Ensemble.allCases {
      var options = SceneOptions()
      options.ensemble = ensemble
      hashes.insert(
        try await ScenePlan(SceneSource(scene), model: BrightnessModel(), options: options).hash)
    }
    #expect(hashes.count == 4)
  }

  @Test func `the shipped network is better in the mean, and its spread follows its errors`()
    async throws
  {
    let data = URL(filePath: #filePath).appending(path: "../../../SampleData").standardizedFileURL
    let window = Window(column: 200, row: 200, width: 512, height: 512)
    let truth = try Dataset(reading: data.path + "/ridges_dem.tif").read(window, band: 1)
    let model = try D3RSMDE(ModelBundle.locate(data.path + "/bundle"))
    func heights(_ ensemble: SceneOptions.Ensemble?) async throws -> (
      forms: [Float], spread: [Float]
    ) {
      let name = "\(ensemble?.rawValue ?? 1)"
      _ = try await infer(
        data.path + "/ridges_rgbn.tif", to: folder(name + ".tif"), model: model,
        telling: ensemble == nil ? [] : [.spread]
      ) {
        ($0.area, $0.steps, $0.ensemble) = (.window(window), 0, ensemble)
        ($0.tileSize, $0.overlap) = (nil, nil)
      }
      return (
        Self.forms(try pixels(folder(name + ".tif"))),
        ensemble == nil ? [] : try pixels(folder(name + "_spread.tif"))
      )
    }
    let forms = Self.forms(truth)
    let (one, four) = (try await heights(nil), try await heights(.four))
    let (before, after) = (Self.correlation(one.forms, forms), Self.correlation(four.forms, forms))
    #expect(before > 0.7 && after > before, "\(before) alone, \(after) in the mean of four")
    let scale = Self.deviation(forms) / Self.deviation(four.forms)
    let errors = zip(four.forms, forms).map { abs(scale * $0 - $1) }
    // By cells of 16 × 16 pixels: a single pixel's error is a draw.
    let follows = Self.correlation(Self.means(four.spread, 16), Self.means(errors, 16))
    #expect(follows > 0.15, "\(follows)")
  }

  /// Less the mean of each block of 64 × 64 pixels, about 2 km.
  private static func forms(_ heights: [Float]) -> [Float] {
    let blocks = means(heights, 64)
    return heights.indices.map { heights[$0] - blocks[$0 / 512 / 64 * 8 + $0 % 512 / 64] }
  }

  private static func means(_ values: [Float], _ side: Int) -> [Float] {
    let across = 512 / side
    var sums = [Float](repeating: 0, count: across * across)
    for pixel in values.indices {
      sums[pixel / 512 / side * across + pixel % 512 / side] += values[pixel]
    }
    return sums.map { $0 / Float(side * side) }
  }

  private static func deviation(_ values: [Float]) -> Float {
    let mean = values.reduce(0, +) / Float(values.count)
    return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(values.count)).squareRoot()
  }

  private static func correlation(_ a: [Float], _ b: [Float]) -> Float {
    let (ma, mb) = (a.reduce(0, +) / Float(a.count), b.reduce(0, +) / Float(b.count))
    let product = zip(a, b).reduce(0) { $0 + ($1.0 - ma) * ($1.1 - mb) } / Float(a.count)
    return product / (deviation(a) * deviation(b))
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
  var count: Int { calls.count.load(ordering: .relaxed) }

  func coarseHeight(of image: Tensor) -> Tensor {
    let call = calls.count.add(1, ordering: .relaxed).oldValue
    let heights = brightness.coarseHeight(of: image)
    return Tensor(heights.shape, heights.scalars.map { change(call, $0) })
  }

  func peakBytes(rows: Int, columns: Int) -> Int { 0 }
}

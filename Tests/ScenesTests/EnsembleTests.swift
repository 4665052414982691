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

/// Ensembles over several pixel sizes, with networks whose outputs are known.
@Suite struct EnsembleTests {
  let folder: TemporaryFolder
  let scene: String

  init() throws { (folder, scene) = try folderWithScene() }

  /// Writes a gray scene of 300 × 220 pixels from a formula, with all pixels valid.
  private func write(_ gray: (_ row: Int, _ column: Int) -> Float) throws {
    let values = (0..<220).flatMap { row in (0..<300).map { gray(row, $0) } }
    try makeRaster(
      at: scene, width: 300, height: 220, bands: [values, values, values]
    ) { try $0.setGeoreferencing(SceneFixture().georeferencing) }
  }

  /// Runs the scene and returns the heights and the spread.
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

  @Test func `the first scale is 1, and all scales are less than 2`() {
    for ensemble in SceneOptions.Ensemble.allCases {
      #expect(ensemble.scales.count == ensemble.rawValue && ensemble.scales[0] == 1)
      #expect(ensemble.scales == ensemble.scales.sorted() && ensemble.scales.last! < 2)
    }
  }

  @Test(arguments: SceneOptions.Ensemble.allCases, [false, true])
  func `low frequencies do not depend on pixel sizes or on the scales of members`(
    ensemble: SceneOptions.Ensemble, refining: Bool
  ) async throws {
    try write { sin(Float($0) / 40) * cos(Float($1) / 50) * 1000 + Float($1) }
    func model(varyingScale: Bool) -> BrightnessModel {
      BrightnessModel(
        gsdRange: 15...240, hasPerTileCalibration: varyingScale,
        refiner: refining ? BrightnessRefiner() : nil)
    }
    let alone = try await run("alone", model(varyingScale: false), nil)
    let many = try await run("many", model(varyingScale: false), ensemble)
    let range = alone.heights.max()! - alone.heights.min()!
    // The tolerances cover the averaging of waves of 40 pixels over twice the pixel size, and the mirrored margin.
    #expect(zip(alone.heights, many.heights).allSatisfy { abs($0 - $1) < 0.02 * range })
    #expect(many.spread.allSatisfy { (0..<0.03 * range).contains($0) })
    let varying = try await run("varying", model(varyingScale: true), ensemble) {
      $0.tileSize = 512
    }
    let one = try await run("one", model(varyingScale: true), nil) { $0.tileSize = 512 }
    let span = one.heights.max()! - one.heights.min()!
    #expect(zip(one.heights, varying.heights).allSatisfy { abs($0 - $1) < 0.02 * span })
  }

  @Test func `detail that only one pixel size resolves has a spread`() async throws {
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

  @Test func `high frequencies come from the tile's own pixel size`() async throws {
    // The waves of 6 pixels are blurred by larger pixels.
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

  @Test func `each tile costs one inference per member, and each overview tile one`() async throws {
    for ensemble in SceneOptions.Ensemble.allCases {
      let model = ModifiedModel { $1 }
      let plan = try await {
        var options = SceneOptions()
        (options.tileSize, options.overlap) = (64, 16)
        return try await ScenePlan.make(for: SceneSource(scene), model: model, options: options)
      }()
      _ = try await run("\(ensemble)", model, ensemble)
      let tiles = plan.tasks(of: .coarse).count
      #expect(
        model.count == ensemble.rawValue * tiles + plan.tasks(of: .overview).count)
    }
  }

  @Test(arguments: [Float(0), 1e-3])
  func `an unrelated member keeps its own scale and is matched to the first one's mean`(
    relief: Float
  ) async throws {
    let one = try await run("one", BrightnessModel(), nil) { $0.tileSize = 512 }
    // The other members are flat or noise. Scaled to the relief of the first, noise would give a spread of tens.
    let model = ModifiedModel { call, height in
      call == 0 ? height : 500 + relief * Float(Int(height * 1e4) % 97) / 97
    }
    let many = try await run("many", model, .four) { $0.tileSize = 512 }
    // One member has relief and three are at its mean, so the spread is half of its distance from the mean. Noise
    // that is fitted to relief leaves a small error.
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

  @Test func `a member that is not finite is a failure of the tile`() async throws {
    let model = ModifiedModel { call, height in call == 2 ? .infinity : height }
    let error = await #expect(throws: SceneError.self) {
      _ = try await run("dem", model, .four) { $0.tileSize = 512 }
    }
    #expect(error?.kind == .badData && error?.message.contains("inf") == true)
  }

  @Test func `refined heights have the calibrated spread of the coarse heights`() async throws {
    let model = BrightnessModel(
      gsdRange: 15...240, hasPerTileCalibration: true, refiner: BrightnessRefiner(detail: 0.1))
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
        try await ScenePlan.make(
          for: SceneSource(scene), model: BrightnessModel(), options: options
        ).hash)
    }
    #expect(hashes.count == 4)
  }

  @Test func `an ensemble of the shipped network has smaller errors that its spread follows`()
    async throws
  {
    let data = URL(filePath: #filePath).appending(path: "../../../SampleData").standardizedFileURL
    let window = Window(column: 200, row: 200, width: 512, height: 512)
    let truth = try Dataset(reading: data.path + "/ridges_dem.tif").read(window, band: 1)
    let model = try D3RSMDE(ModelBundle.locate(data.path + "/bundle"))
    func heights(_ ensemble: SceneOptions.Ensemble?) async throws -> (
      detail: [Float], spread: [Float]
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
        Self.detail(try pixels(folder(name + ".tif"))),
        ensemble == nil ? [] : try pixels(folder(name + "_spread.tif"))
      )
    }
    let detail = Self.detail(truth)
    let (one, four) = (try await heights(nil), try await heights(.four))
    let (before, after) = (
      Self.correlation(one.detail, detail), Self.correlation(four.detail, detail)
    )
    #expect(before > 0.7 && after > before, "\(before) alone, \(after) with an ensemble of four")
    let scale = Self.deviation(detail) / Self.deviation(four.detail)
    let errors = zip(four.detail, detail).map { abs(scale * $0 - $1) }
    // Average over cells of 16 × 16 pixels, because the error of a single pixel is random.
    let follows = Self.correlation(Self.means(four.spread, 16), Self.means(errors, 16))
    #expect(follows > 0.15, "\(follows)")
  }

  /// Subtracts the mean of each block of 64 × 64 pixels, about 2 km.
  private static func detail(_ heights: [Float]) -> [Float] {
    let blocks = means(heights, 64)
    return heights.indices.map { heights[$0] - blocks[$0 / 512 / 64 * 8 + $0 % 512 / 64] }
  }

  /// The means of square blocks with the given side.
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

/// A brightness model whose heights are changed by a function of the call number, from 0, and the height.
private struct ModifiedModel: TileModel {
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

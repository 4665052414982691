import DepthModels
import Foundation
import Grids
import Pairs
import Tensors
import Testing
import TestSupport
import TestTraining
import Training

/// The parts of trainings, each by itself.
@Suite struct TrainingPartsTests {
  @Test func `tiles cover an image from edge to edge with as few tiles as the overlap allows`() {
    #expect(TrainingTiles.starts(64, side: 64, overlap: 16) == [0])
    #expect(TrainingTiles.starts(40, side: 64, overlap: 16) == [-12])
    #expect(TrainingTiles.starts(65, side: 64, overlap: 16) == [0, 1])
    for extent in 65..<400 {
      let starts = TrainingTiles.starts(extent, side: 64, overlap: 16)
      #expect(starts.first == 0 && starts.last == extent - 64)
      let strides = zip(starts.dropFirst(), starts).map { $0 - $1 }
      #expect(strides.allSatisfy { $0 <= 48 }, "\(extent): \(starts)")
      // One tile fewer would not suffice.
      #expect((starts.count - 2) * 48 < extent - 64, "\(extent): \(starts)")
    }
  }

  @Test func `samples are turned so that the sun matches the model card`() async throws {
    var fixture = try TrainingFixture()
    let part = try PairList(reading: fixture.folder("pairs.csv")).pairs[0]
    // The scene's own metadata gives 145°.
    let pairs = [nil, 145, 35].map { azimuth in
      var pair = part
      (pair.name, pair.azimuth) = ("\(azimuth ?? 0)", azimuth)
      return pair
    }
    let reader = PairReader(pairs, fixture.configuration.data, card: fixture.configuration.card)
    var samples: [TrainingSample] = []
    for pair in pairs.indices {
      let window = Window(column: 0, row: 0, width: 64, height: 64)
      samples.append(
        try await reader.sample(TrainingTile(name: "\(pair)", pair: pair, window: window)))
    }
    #expect(samples[0].image == samples[1].image && samples[0].heights == samples[1].heights)
    let mirror = SquareSymmetry(reversesRows: true, reversesColumns: false, swapsAxes: false)
    #expect(samples[2].image == samples[0].image.turned(by: mirror))
    #expect(samples[2].heights == samples[0].heights.turned(by: mirror))

    // Random mirroring would move the sun out of the card's range.
    fixture.configuration.data.flips = true
    let odd = try fixture.writeConfiguration()
    let error = #expect(throws: ModelError.self) { try TrainingConfiguration(reading: odd) }
    #expect(error?.message.contains("data.flips") == true)
    fixture.configuration.card.sunAzimuthInDegrees = 0...360
    _ = try TrainingConfiguration(reading: fixture.writeConfiguration())
  }

  @Test func `draws depend only on their position, and differ between positions`() {
    func draw(_ purpose: DrawPurpose, _ epoch: Int, _ place: Int) -> UInt64 {
      var generator = SplitMix64(seed: 42, purpose, epoch, place)
      return generator.next()
    }
    #expect(draw(.view, 3, 4) == draw(.view, 3, 4))
    let all = [DrawPurpose.view, .sample].flatMap { purpose in
      (0..<20).flatMap { epoch in (0..<20).map { draw(purpose, epoch, $0) } }
    }
    #expect(Set(all).count == all.count)
    // The Python version draws the same (Experiments/train-gpu).
    var generator = SplitMix64(seed: 42, .order, 7)
    #expect(generator.next() == 3_622_095_605_006_967_477)
  }

  @Test func `fresh weights are drawn like PyTorch's defaults`() throws {
    let source = FreshWeights(seed: 42)
    let weight = source.tensor("a.conv.weight", [32, 16, 3, 3])
    let bound = 1 / Float(144).squareRoot()
    #expect(weight.range.maximum <= bound && weight.range.maximum > 0.95 * bound)
    let mean = weight.scalars.reduce(0, +) / Float(weight.shape.count)
    #expect(abs(mean) < 0.05 * bound)
    let bias = source.tensor("a.conv.bias", [32])
    #expect(bias.range.maximum <= bound && bias.range.maximum > 0.5 * bound)
    #expect(source.tensor("a.norm.weight", [8]) == Tensor([8], repeating: 1))
    #expect(source.tensor("a.norm.bias", [8]) == Tensor([8]))
    let table = source.tensor("time_embed.weight", [6, 512])
    let variance = table.scalars.reduce(0) { $0 + $1 * $1 } / Float(table.shape.count)
    #expect(abs(variance - 1) < 0.1)
    #expect(source.tensor("x.weight", [4, 4]) != source.tensor("y.weight", [4, 4]))
    #expect(FreshWeights(seed: 42).tensor("a.conv.weight", [32, 16, 3, 3]) == weight)
    #expect(FreshWeights(seed: 43).tensor("a.conv.weight", [32, 16, 3, 3]) != weight)
  }

  @Test func `the divergence from the standard normal distribution`() {
    // Means of 0 and variances of 1 have no divergence.
    #expect(Divergence.loss(Tensor([1, 2, 2, 4])).value == 0)
    let moments = Tensor.random([1, 3, 2, 4], seed: 3)
    expectGradient(at: moments, step: 1e-3, tolerance: 2e-2) { Divergence.loss($0) }
    let one = Divergence.loss(Tensor([1, 1, 1, 2], [2, 0]))
    #expect(one.value == 2 && one.gradient.scalars == [2, 0])
  }

  @Test func `the truth is calibrated to the coarse map and never inverted`() throws {
    let heights = Tensor.random([1, 16, 16, 1], in: 0...1, seed: 1)
    let image = Tensor([1, 16, 16, 3], repeating: 127.5)
    func tile(_ coarse: Tensor, _ heights: Tensor = heights) -> RefinerTile? {
      RefinerTile(
        TrainingSample(name: "", image: image, heights: heights), coarse: coarse,
        imageRange: .scene, heightRange: .shared)
    }
    // If the coarse map is the truth at half the contrast, the calibrated truth equals it.
    let coarse = heights.mapped { 0.25 + $0 / 2 }
    let shown = try #require(tile(coarse))
    #expect(shown.image.range == (0, 0))
    for (truth, coarse) in zip(shown.truth.scalars, shown.coarse.scalars) {
      #expect(abs(truth - coarse) < 1e-5)
    }
    // With an inverted coarse map, the truth gets its spread, and high stays high.
    let turned = try #require(tile(coarse.mapped { 1 - $0 }))
    let (first, last) = (
      heights.scalars.indices.min { heights.scalars[$0] < heights.scalars[$1] } ?? 0,
      heights.scalars.indices.max { heights.scalars[$0] < heights.scalars[$1] } ?? 0
    )
    #expect(turned.truth.scalars[first] < turned.truth.scalars[last])
    #expect(tile(Tensor([1, 16, 16, 1], repeating: 0.5)) == nil)
    // Voids are filled from the coarse map, and their cells are no target.
    var holed = heights
    holed.withMutableSpan { $0[0] = .nan }
    let closed = try #require(tile(coarse, holed))
    #expect(
      closed.filledTruth.isFinite && closed.filledTruth.scalars[0] == closed.coarse.scalars[0])
    let latent = closed.masked(Tensor([1, 2, 2, 4], repeating: 1), reduction: 8)
    #expect(latent.scalars.map(\.isNaN) == (0..<16).map { $0 < 4 })
  }

  @Test func `the LPIPS loss has the gradient of its value`() throws {
    let lpips = LPIPSLoss(try LPIPS.located())
    let truth = Tensor.random([1, 35, 33, 1], in: 0...1, seed: 2)
    let prediction = Tensor.random([1, 35, 33, 1], in: 0...1, seed: 3)
    let loss = lpips(prediction, truth: truth)
    #expect(lpips(truth, truth: truth).value == 0)
    // Measured along directions, because a single pixel changes the distance by less than the rounding of Float.
    for seed in UInt64(0)..<3 {
      let direction = Tensor.random(prediction.shape, seed: 50 + seed)
      func moved(_ step: Float) -> Double {
        lpips(
          Tensor(
            prediction.shape,
            zip(prediction.scalars, direction.scalars).map { $0 + step * $1 }), truth: truth
        ).value
      }
      let found = (moved(2e-3) - moved(-2e-3)) / 4e-3
      let computed = zip(loss.gradient.scalars, direction.scalars).reduce(0.0) {
        $0 + Double($1.0) * Double($1.1)
      }
      #expect(
        abs(found - computed) < 0.02 * max(abs(found), 0.05),
        "measured \(found), computed \(computed)")
    }
    var holed = truth
    holed.withMutableSpan { $0[40] = .nan }
    #expect(lpips(prediction, truth: holed).gradient.scalars[40] == 0)
  }

  @Test func `a state is restored exactly`() throws {
    let folder = try TemporaryFolder()
    let source = FreshWeights(seed: 1)
    let parameters = try Parameters("a network", from: source) { weights in
      _ = try weights["a"].tensor("weight", [3, 2])
      _ = try weights["b"].tensor("weight", [4])
    }
    var optimization = Optimization(
      epochs: 3, batch: 1, learningRate: 0.1, weightDecay: 0.01,
      schedule: .plateau(patience: 2, factor: 0.5))
    optimization.averageDecay = 0.9
    var state = TrainingState(parameters, optimization)
    state.progress.step = 7
    state.progress.lossSum = 0.1 + 0.2
    state.progress.plateau?.finishEpoch()
    try state.write(to: folder("state"))
    var other = TrainingState(parameters, optimization)
    try other.read(from: folder("state"))
    #expect(other.progress == state.progress && other.parameters.values == parameters.values)
    #expect(other.moments.map(\.step) == [7, 7])
    optimization.averageDecay = nil
    var plain = TrainingState(parameters, optimization)
    #expect {
      try plain.read(from: folder("state"))
    } throws: { "\($0)".contains("average.a.weight") && "\($0)".contains("not part of a network") }
  }

  @Test(arguments: TrainingPreset.allCases)
  func `presets survive a round trip through JSON`(_ preset: TrainingPreset) throws {
    let configuration = preset.configuration
    try configuration.validate(in: "preset")
    let again = try JSONDecoder().decode(
      TrainingConfiguration.self, from: configuration.json)
    #expect(again == configuration)
  }
}

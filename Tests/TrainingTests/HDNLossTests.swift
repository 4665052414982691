import Training
import TestModels
import Tensors
import Testing

@Suite struct HDNLossTests {
  private func inputs(of golden: HDNGolden) -> (prediction: Tensor, truth: Tensor) {
    let shape: Shape = [golden.batch, golden.side, golden.side, 1]
    let image = golden.side * golden.side
    var generator = FormulaWeights.generator("hdn.gt.\(golden.name)")
    let truth = (0..<shape.count).map { i in
      let u = Float(generator.unit())
      let level = min((256 * (u * u)).rounded(.down), 255) / 255
      return i % image < image / 4 ? 0 : level
    }
    generator = FormulaWeights.generator("hdn.pred.\(golden.name)")
    let prediction = (0..<shape.count).map { _ in Float(generator.unit()) }
    return (Tensor(shape, prediction), Tensor(shape, truth))
  }

  /// The original sums in Float: tolerances are 10⁻⁷ for value and norm, and 10⁻⁹ for gradients, about 10⁻⁴ except at
  /// medians.
  @Test(arguments: HDNGolden.all)
  func `value and gradient match the original`(golden: HDNGolden) {
    let (prediction, truth) = inputs(of: golden)
    let loss = HDNLoss()(prediction, truth: truth)
    #expect(abs(loss.value - golden.total) < 1e-7 * golden.total)
    let slopes = loss.gradient.scalars
    for (place, slope) in zip(golden.places, golden.gradient) {
      #expect(abs(slopes[place] - slope) < 1e-9, "\(place): \(slopes[place]), expected \(slope)")
    }
    let norm = slopes.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    #expect(abs(norm - golden.gradientNorm) < 1e-7 * golden.gradientNorm)
  }

  /// This verifies the reference implementation in what the loss does not show: contexts, and each strategy's share.
  @Test(arguments: HDNGolden.all)
  func `the reference implementation has the original's contexts`(golden: HDNGolden) {
    let (prediction, truth) = inputs(of: golden)
    let naive = NaiveHDN(prediction, truth: truth)
    #expect(naive.counts == golden.counts)
    for (part, expected) in zip(naive.parts, golden.parts) {
      #expect(abs(part - expected) < 1e-6 * expected)
    }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var shape: Shape
    /// Heights are multiples of 1 / steps: few steps give many ties.
    var steps: Float
    var voids: Float
    var levels = 3
    /// Whether the prediction has ties, too.
    var isTied = false
    var testDescription: String {
      "\(shape), \(steps) heights, \(voids) void, \(levels) levels\(isTied ? ", tied" : "")"
    }
  }

  static let cases = [
    Case(shape: [1, 16, 16, 1], steps: 255, voids: 0),
    Case(shape: [3, 13, 22, 1], steps: 1e6, voids: 0),
    Case(shape: [2, 17, 9, 1], steps: 5, voids: 0.4),
    Case(shape: [2, 30, 31, 1], steps: 255, voids: 0.9),
    Case(shape: [4, 6, 5, 1], steps: 30, voids: 0.97),
    Case(shape: [1, 3, 2, 1], steps: 9, voids: 0),
    Case(shape: [1, 1, 1, 1], steps: 9, voids: 0),
    Case(shape: [2, 20, 20, 1], steps: 100, voids: 0.2, levels: 1),
    Case(shape: [1, 20, 20, 1], steps: 100, voids: 0.2, levels: 2),
    Case(shape: [1, 40, 36, 1], steps: 100, voids: 0.2, levels: 4),
    Case(shape: [2, 17, 19, 1], steps: 50, voids: 0.1, isTied: true),
  ]

  private func inputs(of example: Case, offset: Float = 0) -> (prediction: Tensor, truth: Tensor) {
    let voids = Tensor.random(example.shape, in: 0...1, seed: 3).scalars
    let truth = Tensor.random(example.shape, in: 0...1, seed: 1).scalars
    return (
      Tensor(
        example.shape,
        Tensor.random(example.shape, in: -1...1, seed: 2).scalars.map {
          example.isTied ? ($0 * 3).rounded() / 3 : $0
        }),
      Tensor(
        example.shape,
        zip(truth, voids).map { truth, void in
          void < example.voids
            ? .nan : offset + (truth * example.steps).rounded(.down) / example.steps
        })
    )
  }

  /// Both sum in Double; the gradient is rounded to Float once per strategy.
  @Test(arguments: cases)
  func `the fast implementation matches the reference implementation`(example: Case) {
    for offset: Float in [0, -0.5, 700] {
      let (prediction, truth) = inputs(of: example, offset: offset)
      let naive = NaiveHDN(prediction, truth: truth, levels: example.levels)
      let loss = HDNLoss(levels: example.levels)(prediction, truth: truth)
      #expect(abs(loss.value - naive.value) <= 1e-12 * naive.value)
      let largest = naive.gradient.map(abs).max() ?? 0
      for (slope, expected) in zip(loss.gradient.scalars, naive.gradient) {
        #expect(abs(Double(slope) - expected) <= 1e-6 * largest)
      }
    }
  }

  @Test(arguments: [0, 0.3] as [Float])
  func `the gradient matches finite differences of the value`(voids: Float) {
    let (prediction, truth) = inputs(of: Case(shape: [2, 8, 8, 1], steps: 255, voids: voids))
    expectGradient(at: prediction, step: 1e-5, tolerance: 2e-3) { HDNLoss()($0, truth: truth) }
  }

  /// Also per image: every context removes scale and offset.
  @Test func `scale and offset of the prediction do not affect the loss`() {
    let (prediction, truth) = inputs(of: Case(shape: [2, 32, 32, 1], steps: 255, voids: 0.1))
    let loss = HDNLoss()(prediction, truth: truth)
    let other = Tensor(prediction.shape, prediction.scalars.map { 8 * $0 + 3 })
    // The 10⁻⁶ in the denominators matters less at 8 times the scale.
    #expect(abs(HDNLoss()(other, truth: truth).value - loss.value) < 1e-4 * loss.value)
    let right = Tensor(truth.shape, truth.scalars.map { $0.isNaN ? 0 : 8 * $0 + 3 })
    #expect(HDNLoss()(right, truth: truth).value < 1e-4)
  }

  @Test func `void pixels do not affect loss and gradient`() {
    let (prediction, truth) = inputs(of: Case(shape: [2, 24, 24, 1], steps: 255, voids: 0.5))
    let loss = HDNLoss()(prediction, truth: truth)
    var other = prediction.scalars
    for i in other.indices where truth.scalars[i].isNaN { other[i] = Float(i * 37 % 101) - 50 }
    #expect(HDNLoss()(Tensor(prediction.shape, other), truth: truth) == loss)
    let infinite = truth.scalars.map { $0.isNaN ? -Float.infinity : $0 }
    #expect(HDNLoss()(prediction, truth: Tensor(truth.shape, infinite)) == loss)
    for i in other.indices where truth.scalars[i].isNaN { #expect(loss.gradient.scalars[i] == 0) }
    let none = HDNLoss()(prediction, truth: Tensor(truth.shape, repeating: .nan))
    #expect(none == Loss(value: 0, gradient: Tensor(prediction.shape)))
  }

  /// An image that is completely void does not change the loss of the others.
  @Test func `an image without truth is ignored`() {
    let (prediction, truth) = inputs(of: Case(shape: [1, 12, 12, 1], steps: 255, voids: 0))
    let alone = HDNLoss()(prediction, truth: truth)
    let void = Tensor([2, 12, 12, 1], truth.scalars + [Float](repeating: .nan, count: 144))
    let both = HDNLoss()(
      Tensor([2, 12, 12, 1], prediction.scalars + prediction.scalars), truth: void)
    #expect(both.value == alone.value)
    #expect(both.gradient.scalars == alone.gradient.scalars + [Float](repeating: 0, count: 144))
  }

  @Test func `flat images have a finite loss, and invalid predictions have none`() {
    let shape: Shape = [1, 16, 16, 1]
    let (prediction, truth) = inputs(of: Case(shape: shape, steps: 255, voids: 0))
    let flat = HDNLoss()(Tensor(shape, repeating: 0.5), truth: truth)
    #expect(flat.value.isFinite && flat.gradient.isFinite)
    let sea = HDNLoss()(prediction, truth: Tensor(shape))
    #expect(sea.value.isFinite && sea.gradient.isFinite)
    var sick = prediction.scalars
    sick[7] = .nan
    // Also in only one image of a batch, and where the truth is void.
    var void = truth.scalars
    void[7] = .nan
    let loss = HDNLoss()(
      Tensor([2, 16, 16, 1], sick + prediction.scalars),
      truth: Tensor([2, 16, 16, 1], void + truth.scalars))
    #expect(loss.value.isNaN && loss.gradient.scalars.allSatisfy(\.isNaN))
  }

  @Test func `results are bit-identical for any number of threads`() {
    let (prediction, truth) = inputs(of: Case(shape: [3, 40, 40, 1], steps: 255, voids: 0.2))
    let one = HDNLoss()(prediction, truth: truth)
    for workers in [2, 5] {
      let many = Parallel.$workers.withValue(workers) { HDNLoss()(prediction, truth: truth) }
      #expect(many == one)
    }
  }
}

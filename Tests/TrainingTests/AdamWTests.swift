import Foundation
import Training
import Tensors
import Testing

@Suite struct AdamWTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var learningRate: Double
    var weightDecay: Double
    /// The parameters after some numbers of steps.
    var after: [Int: [Float]]
    var testDescription: String { "rate \(learningRate), decay \(weightDecay)" }
  }

  /// Reference values from PyTorch 2.13.
  ///
  /// ```python
  /// for rate, decay in [(5e-5, 1e-4), (1e-2, 0.05)]:
  ///     theta = torch.tensor([(i - 3.5) / 4 for i in range(8)], requires_grad=True)
  ///     rule = torch.optim.AdamW([theta], lr=rate, weight_decay=decay, foreach=False)
  ///     for t in range(100):
  ///         theta.grad = torch.tensor(
  ///             [((37 * i + 101 * t) % 97 - 40) / 97 * 10.0 ** (i - 5) for i in range(8)])
  ///         rule.step()
  ///         if t in (0, 9, 99): print([f"{x:.9g}" for x in theta.tolist()])
  /// for name in "exp_avg", "exp_avg_sq": print([f"{x:.9g}" for x in rule.state[theta][name].tolist()])
  /// ```
  static let cases = [
    Case(
      learningRate: 5e-5, weightDecay: 1e-4,
      after: [
        1: [
          -0.874950111, -0.624950171, -0.375050008, -0.124949999,
          0.124949999, 0.374949992, 0.625050008, 0.874949992,
        ],
        10: [
          -0.874542058, -0.625248373, -0.375372946, -0.124603659,
          0.12449529, 0.374837488, 0.6251086, 0.874537945,
        ],
        100: [
          -0.875758529, -0.626645327, -0.37641722, -0.126045302,
          0.12331146, 0.373727143, 0.623592257, 0.873483896,
        ],
      ]),
    Case(
      learningRate: 1e-2, weightDecay: 0.05,
      after: [
        1: [
          -0.864586711, -0.614719748, -0.384812206, -0.114937536,
          0.114937507, 0.364812493, 0.634687483, 0.864562511,
        ],
        10: [
          -0.779258072, -0.671515048, -0.447505951, -0.045313742,
          0.0236616768, 0.340768754, 0.643454552, 0.778471529,
        ],
        100: [
          -0.983715475, -0.914422274, -0.632747531, -0.325393379,
          -0.208490029, 0.108017847, 0.319806397, 0.537888288,
        ],
      ]),
  ]
  /// The moments after 100 steps, which do not depend on the rates.
  static let mean: [Float] = [
    9.11491099e-07, -1.26919076e-06, 0.000180680829, 0.000204352036,
    0.00466952892, 0.284192801, -0.33470118, 11.5857925,
  ]
  static let square: [Float] = [
    8.74987799e-13, 8.32603569e-11, 8.73793837e-09, 8.51227128e-07,
    8.36953332e-05, 0.00915547647, 0.83572793, 85.4549789,
  ]

  private func gradient(at step: Int) -> [Float] {
    (0..<8).map { i in
      Float(Double((37 * i + 101 * step) % 97 - 40) / 97 * pow(10, Double(i - 5)))
    }
  }

  /// Computed in Float and in PyTorch's order of operations.
  ///
  /// PyTorch fuses some products with sums, depending on the processor, so the last bit of a step may differ. After a
  /// hundred steps the difference is 3 · 10⁻⁷ of a moment and 2 · 10⁻⁷ of a parameter.
  @Test(arguments: cases)
  func `a hundred steps match PyTorch's`(example: Case) {
    let rule = AdamW(learningRate: example.learningRate, weightDecay: example.weightDecay)
    var theta = (0..<8).map { (Float($0) - 3.5) / 4 }
    var state = AdamW.State(count: 8)
    for step in 0..<100 {
      rule.step(&theta, gradient: gradient(at: step), state: &state)
      #expect(state.step == step + 1)
      guard let expected = example.after[step + 1] else { continue }
      for (found, expected) in zip(theta, expected) {
        #expect(abs(found - expected) <= 5e-7 * abs(expected), "\(found), expected \(expected)")
      }
    }
    for (found, expected) in zip(state.mean + state.square, Self.mean + Self.square) {
      #expect(abs(found - expected) <= 5e-7 * abs(expected), "\(found), expected \(expected)")
    }
  }

  /// Independent of the gradient's norm; the weight decay is decoupled.
  @Test func `the first step is as long as the learning rate`() {
    let rule = AdamW(learningRate: 0.125, weightDecay: 0.5)
    var theta: [Float] = [0, 0, 16]
    var state = AdamW.State(count: 3)
    rule.step(&theta, gradient: [1000, -0.01, 0], state: &state)
    #expect(abs(theta[0] + 0.125) < 1e-6 && abs(theta[1] - 0.125) < 1e-6)
    #expect(theta[2] == 15)
  }

  @Test func `a training resumes from a stored state`() throws {
    let rule = AdamW(learningRate: 0.01, weightDecay: 0.1)
    var theta = (0..<8).map { (Float($0) - 3.5) / 4 }
    var state = AdamW.State(count: 8)
    for step in 0..<7 { rule.step(&theta, gradient: gradient(at: step), state: &state) }
    var other = theta
    var restored = AdamW.State(step: state.step, mean: state.mean, square: state.square)
    let data = try JSONEncoder().encode(rule)
    let sameRule = try JSONDecoder().decode(AdamW.self, from: data)
    for step in 7..<20 {
      rule.step(&theta, gradient: gradient(at: step), state: &state)
      sameRule.step(&other, gradient: gradient(at: step), state: &restored)
    }
    #expect(theta == other && state == restored)
    let coded = try JSONDecoder().decode(AdamW.State.self, from: JSONEncoder().encode(state))
    #expect(coded == state)
  }

  /// More values than one task takes, on a tensor.
  @Test func `results are bit-identical for any number of threads`() {
    let shape: Shape = [7, 14_321]
    func trained(workers: Int) -> (Tensor, AdamW.State) {
      var theta = Tensor.random(shape, seed: 1)
      var state = AdamW.State(count: shape.count)
      Parallel.$workers.withValue(workers) {
        for step in 0..<3 {
          let gradient = Tensor.random(shape, seed: UInt64(5 + step)).scalars
          theta.withMutableSpan {
            AdamW(learningRate: 0.01).step(&$0, gradient: gradient, state: &state)
          }
        }
      }
      return (theta, state)
    }
    let (one, many) = (trained(workers: 1), trained(workers: 3))
    #expect(one.0 == many.0 && one.1 == many.1)
    // Each value is updated independently: the last ones give the same when updated alone.
    var alone = Array(Tensor.random(shape, seed: 1).scalars.suffix(3))
    var state = AdamW.State(count: 3)
    for step in 0..<3 {
      let gradient = Array(Tensor.random(shape, seed: UInt64(5 + step)).scalars.suffix(3))
      AdamW(learningRate: 0.01).step(&alone, gradient: gradient, state: &state)
    }
    #expect(alone == one.0.scalars.suffix(3) + [])
  }
}

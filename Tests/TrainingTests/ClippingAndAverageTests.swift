import Foundation
import Training
import Tensors
import Testing

@Suite struct ClippingTests {
  /// Reference values from PyTorch 2.13: `torch.nn.utils.clip_grad_norm_` with a maximum of 1.5.
  @Test func `gradients are clipped like PyTorch's`() {
    var gradients: [[Float]] = [[3, -4, 0, 1, 2], [1, 1, -2]]
    let norm = GradientClipping(maximumNorm: 1.5)(&gradients)
    #expect(norm == 6)
    let expected: [[Float]] = [
      [0.749999821, -0.999999762, 0, 0.24999994, 0.499999881],
      [0.24999994, 0.24999994, -0.499999881],
    ]
    for (found, expected) in zip(gradients.joined(), expected.joined()) {
      #expect(abs(found - expected) <= 1e-7 * abs(expected))
    }
  }

  @Test func `a short gradient is unchanged, and an infinite one is reported`() {
    var gradients: [[Float]] = [[0.25, -0.5], [], [0.125]]
    let before = gradients
    #expect(GradientClipping()(&gradients) == Double(0.328125).squareRoot())
    #expect(gradients == before)
    gradients[2][0] = .infinity
    #expect(GradientClipping()(&gradients) == .infinity)
    #expect(gradients[0] == before[0])
  }

  /// A sum in Float would stop growing at 2²⁴ times the first square.
  @Test func `the norm of many numbers is exact`() {
    let ones = [Float](repeating: 1, count: 1 << 20)
    let gradients = [[4096]] + Array(repeating: ones, count: 3) + [[1, 2, 3]]
    let sum = 4096.0 * 4096 + 3 * Double(1 << 20) + 14
    #expect(GradientClipping.norm(of: gradients) == sum.squareRoot())
  }
}

@Suite struct MovingAverageTests {
  @Test func `the average moves toward a value by its share`() {
    var average = MovingAverage(of: [[0], [8, 8]], decay: 0.75, start: .full)
    average.add([[4], [8, 0]])
    #expect(average.values == [[1], [8, 6]])
    average.add([[5], [8, 2]])
    #expect(average.values == [[2], [8, 5]] && average.count == 2)
  }

  /// Decays are 2/11, 3/12, 4/13 … until they reach the full one.
  @Test func `a warm-up reduces the influence of the start`() {
    var average = MovingAverage(of: [[1]], decay: 0.5)
    var expected = 1.0
    for step in 1...20 {
      average.add([[0]])
      expected *= min(0.5, Double(1 + step) / Double(10 + step))
      #expect(abs(Double(average.values[0][0]) - expected) < 1e-6 * expected)
    }
  }

  @Test func `an average resumes from a stored state`() throws {
    var average = MovingAverage(of: [[1, 2], [3]])
    average.add([[2, 2], [5]])
    let data = try JSONEncoder().encode(average)
    var other = try JSONDecoder().decode(MovingAverage.self, from: data)
    var third = MovingAverage(of: average.values, count: average.count)
    for parameters: [[Float]] in [[[0, 1], [2]], [[7, 5], [3]]] {
      average.add(parameters)
      other.add(parameters)
      third.add(parameters)
    }
    #expect(other == average && third == average)
  }
}

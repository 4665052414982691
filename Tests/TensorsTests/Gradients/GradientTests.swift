import Foundation
import GradientChecks
import Tensors
import Testing

/// Every backward pass is the derivative of its forward pass.
///
/// For each input x, the slope of f(x + h·v) at h = 0 is ⟨v, gradient⟩, where f is the sum of the result times
/// random weights, computed in `Double`. The error of the measured slope is estimated; it must not exceed a given
/// share of the typical slope for a random direction.
@Suite struct GradientTests {
  /// Checks the gradients of all inputs of an operation.
  private func check(
    _ inputs: [Tensor], from step: Double = 4e-2, knownTo share: Double = 2e-2,
    location: SourceLocation = #_sourceLocation, _ operation: ([Tensor]) -> Tensor
  ) {
    let tracked = inputs.map { $0.tracked() }
    let result = operation(tracked)
    let weights = Tensor.random(result.shape, seed: 91)
    Gradients.walk(back: result, from: weights)
    func loss(_ inputs: [Tensor]) -> Double {
      zip(operation(inputs).scalars, weights.scalars).reduce(0) {
        $0 + Double($1.0) * Double($1.1)
      }
    }
    for (index, input) in inputs.enumerated() {
      guard let gradient = tracked[index].gradient else {
        Issue.record("input \(index) has no gradient", sourceLocation: location)
        continue
      }
      #expect(gradient.shape == input.shape, sourceLocation: location)
      for seed in UInt64(0)..<3 {
        let direction = Tensor.random(input.shape, seed: 1000 + seed)
        func moved(_ by: Float) -> [Tensor] {
          var all = inputs
          all[index] = Tensor(
            input.shape, zip(input.scalars, direction.scalars).map { $0 + by * $1 })
          return all
        }
        let slope = MeasuredSlope(from: step, count: 6) { loss(moved(Float($0))) }
        let computed = zip(gradient.scalars, direction.scalars).reduce(0.0) {
          $0 + Double($1.0) * Double($1.1)
        }
        let size = zip(gradient.scalars, direction.scalars).reduce(0.0) {
          $0 + Double($1.0 * $1.0) * Double($1.1 * $1.1)
        }.squareRoot()
        #expect(
          slope.agrees(with: computed) && slope.error <= share * max(size, 1e-3),
          "input \(index): the computed slope is \(computed), the measured slope is \(slope), typical size \(size)",
          sourceLocation: location)
      }
    }
  }

  private func random(_ shape: Shape, _ seed: UInt64) -> Tensor { .random(shape, seed: seed) }

  @Test(arguments: [Activation.none, .gelu, .silu])
  func `gradients of products`(_ activation: Activation) {
    check([random([2, 7, 5], 1), random([5, 9], 2), random([9], 3), random([2, 7, 9], 4)]) {
      $0[0].product(
        PackedWeights($0[1]), bias: $0[2], activation: activation, adding: $0[3])
    }
  }

  /// Covers Winograd and row convolutions, strides, paddings on both sides and on one side, and sizes that are not
  /// multiples of the stride.
  @Test(
    arguments: [
      (size: 3, stride: 1, padding: Padding.each(1), rows: 13, columns: 10, inputs: 17),
      (3, 1, .each(1), 8, 16, 33), (3, 2, .each(1), 9, 12, 6), (3, 2, .same, 10, 8, 5),
      (5, 1, .each(2), 7, 9, 4), (1, 1, .each(0), 6, 5, 8), (7, 2, .same, 14, 16, 3),
      (3, 1, .each(0), 8, 7, 5), (1, 2, .each(0), 8, 6, 7), (4, 4, .each(0), 8, 12, 3),
    ])
  func `gradients of convolutions`(
    _ size: Int, _ stride: Int, _ padding: Padding, _ rows: Int, _ columns: Int, _ inputs: Int
  ) {
    let x = random([2, rows, columns, inputs], 1)
    let kernel = random([size, size, inputs, 11], 2)
    check([x, kernel, random([11], 3)]) {
      $0[0].convolved(
        with: PackedWeights($0[1]), bias: $0[2], stride: stride, padding: padding)
    }
  }

  @Test func `gradients of convolutions with fused operations`() {
    let shape: Shape = [2, 10, 12, 16]
    let (kernel, bias) = (random([3, 3, 16, 16], 2), random([16], 3))
    check([random(shape, 1), kernel, bias, random(shape, 4)]) {
      $0[0].convolved(
        with: PackedWeights($0[1]), bias: $0[2], padding: .each(1), activation: .silu,
        adding: $0[3])
    }
    check([random(shape, 1), kernel, bias]) {
      $0[0].convolved(
        with: PackedWeights($0[1]), bias: $0[2], padding: .each(1), preparing: .doubled)
    }
    check(
      [random(shape, 1), random([16], 5), random([16], 6), kernel, bias], from: 1e-2
    ) {
      let map = $0[0].groupMap(
        groups: 4, gain: $0[1], bias: $0[2], epsilon: 1e-5, activation: .silu)
      return $0[0].convolved(
        with: PackedWeights($0[3]), bias: $0[4], padding: .each(1), preparing: .mapped(map))
    }
  }

  /// Values are kept away from 0, where a ReLU has no derivative.
  @Test func `gradients of ReLU`() {
    let x = Tensor([3, 40], random([3, 40], 1).scalars.map { $0 < 0 ? $0 - 1 : $0 + 1 })
    let one = PackedWeights(
      Tensor([40, 40], (0..<1600).map { $0 / 40 == $0 % 40 ? 1 : 0 }))
    check([x]) { $0[0].product(one, activation: .relu) }
    let image = x.reshaped([1, 5, 6, 4])
    let kernel = random([3, 3, 4, 6], 2)
    check([image, kernel]) {
      $0[0].convolved(
        with: PackedWeights($0[1]), padding: .each(1), preparing: .rectified)
    }
  }

  @Test func `gradients of normalizations`() {
    let x = random([2, 6, 5, 12], 1)
    let (gain, bias) = (random([12], 2), random([12], 3))
    check([x, gain, bias], from: 1e-2) {
      $0[0].groupNormalized(
        groups: 3, gain: $0[1], bias: $0[2], epsilon: 1e-5, activation: .silu)
    }
    check([x, gain, bias, random(x.shape, 4)], from: 1e-2) {
      var y = $0[0]
      y.groupNormalize(
        groups: 4, gain: $0[1], bias: $0[2], epsilon: 1e-5, activation: .gelu, adding: $0[3])
      return y
    }
    check([x.reshaped([2, 30, 12]), gain, bias], from: 1e-2) {
      $0[0].layerNormalized(gain: $0[1], bias: $0[2], epsilon: 1e-5)
    }
  }

  @Test func `gradients of attention`() {
    check([random([2, 19, 3 * 12], 1)]) { $0[0].attention(heads: 3) }
    // More queries than fit in one block.
    check([random([1, 135, 3 * 4], 1)]) { $0[0].attention(heads: 1) }
  }

  @Test func `gradients of operations that resize or move elements`() {
    let x = random([2, 5, 6, 3], 1)
    for alignment in [Alignment.cornerCenters, .edges] {
      check([x]) { $0[0].resampled(rows: 11, columns: 9, aligning: alignment) }
      check([x]) { $0[0].resampled(rows: 3, columns: 4, aligning: alignment) }
    }
    check([x]) { $0[0].extended(rows: 7, columns: 9) }
    check([x]) { $0[0].cropped(rows: 3, columns: 5) }
    check([x]) { $0[0].cropped(rows: 3, columns: 2, row: 2, column: 3) }
    check([x]) { $0[0].channels(1..<3) }
    check([x, random([2, 5, 6, 4], 2)]) { $0[0].joined(with: $0[1]) }
    check([x, random(x.shape, 3)]) { $0[0] + $0[1] }
    check([x, random(x.shape, 3)]) { $0[0] * $0[1] }
    check([random([7, 9], 4)]) { $0[0].transposed() }
    check([random([4, 6], 5)]) { $0[0].reshaped([3, 8]) }
    check([random([4, 6], 5)]) { $0[0].gathered([3, 3, 20, 7], [2, 2]) }
    check([x]) { $0[0].mapped({ $0 * $0 }, derivative: { 2 * $0 }) }
    check([x.reshaped([2, 90]), random([1, 4], 8)]) {
      .concatenated([$0[0], $0[1]], [184])
    }
    check([x, random([3, 2 * 2 * 5], 6), random([5], 7)]) {
      $0[0].transposedConvolution(by: PackedWeights($0[1]), side: 2, bias: $0[2])
    }
    // Distinct values, so that the maxima do not change under small perturbations.
    let spread = Tensor(
      [1, 7, 8, 2], (0..<112).map { Float(($0 * 37) % 113) / 4 })
    check([spread]) { $0[0].maxPooled() }
    check([spread]) { $0[0].maxPooled(padding: .each(0)) }
  }

  @Test func `dropout zeros the same elements in the forward and backward passes`() {
    let dropout = Dropout(rate: 0.4, seed: 3)
    check([random([2, 5, 6, 3], 1)]) { dropout($0[0]) }
    let kept = dropout(Tensor([40, 50], repeating: 1))
    let share = Float(kept.scalars.count { $0 != 0 }) / 2000
    #expect(abs(share - 0.6) < 0.05 && kept.range.maximum == 1 / 0.6)
    #expect(Dropout(rate: 0, seed: 3)(kept) == kept)
  }

  @Test func `gradients of min-max normalization`() throws {
    // Distinct extremes, so that they stay the extremes under small perturbations.
    var x = random([1, 5, 6, 1], 1)
    x.withMutableSpan { ($0[7], $0[20]) = (-4, 5) }
    check([x], from: 4e-3) { $0[0].minMaxNormalized() }
    // Each of several maxima receives its share.
    let several = Tensor([1, 1, 4, 1], [0, 2, 1, 2]).tracked()
    Gradients.walk(
      back: several.minMaxNormalized(), from: Tensor([1, 1, 4, 1], [0, 0, 1, 0]))
    let computed = try #require(several.gradient).scalars
    for (found, expected) in zip(computed, [-0.25, -0.125, 0.5, -0.125] as [Float]) {
      #expect(abs(found - expected) < 1e-6, "\(computed)")
    }
  }

  /// Gradients of tensors that are used twice are added, in any order of the backward pass.
  @Test func `gradients of a graph with branches that join`() {
    check([random([3, 8], 1), random([8, 8], 2)]) {
      let weights = PackedWeights($0[1])
      let a = $0[0].product(weights, activation: .silu)
      let b = a.product(weights)
      return a * b + $0[0]
    }
  }

  @Test func `gradients of a recomputed part are bit-identical`() throws {
    func gradients(_ recomputes: Bool) throws -> [Tensor] {
      let x = random([1, 6, 7, 8], 1).tracked()
      let weights = random([3, 3, 8, 8], 2).tracked()
      let unused = random([8], 3).tracked()
      let kernel = PackedWeights(weights.mapped({ 2 * $0 }, derivative: { _ in 2 }))
      let body = { (inputs: [Tensor]) -> Tensor in
        let y = inputs[0].convolved(with: kernel, padding: .each(1), activation: .silu)
        return y.convolved(with: kernel, padding: .each(1), adding: inputs[0])
      }
      let first = x.convolved(with: kernel, padding: .each(1))
      let second = recomputes ? Gradients.recomputing([first], body) : body([first])
      Gradients.walk(back: second, from: random(second.shape, 5))
      #expect(unused.gradient == nil)
      return [try #require(x.gradient), try #require(weights.gradient)]
    }
    #expect(try gradients(true) == gradients(false))
  }

  @Test
  func `gradients are bit-identical for any number of threads, and untracked tensors have none`()
    throws
  {
    func gradients() throws -> [Tensor] {
      let x = random([1, 40, 36, 70], 1).tracked()
      let kernel = random([3, 3, 70, 40], 2).tracked()
      let y = x.convolved(with: PackedWeights(kernel), padding: .each(1))
      Gradients.walk(back: y, from: random(y.shape, 3))
      return [try #require(x.gradient), try #require(kernel.gradient)]
    }
    let one = try Parallel.$workers.withValue(1) { try gradients() }
    let three = try Parallel.$workers.withValue(3) { try gradients() }
    #expect(one == three)
    let plain = random([2, 4], 1)
    #expect(plain.product(PackedWeights(random([4, 3], 2))).gradient == nil)
  }
}

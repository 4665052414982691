import DepthModels
import Tensors
import Testing
import TestModels

/// Tests that each folded convolution is equivalent to the one that it replaces.
@Suite struct FoldTests {
  let x = Tensor.random([1, 20, 18, 1], seed: 1)

  private func convolution(inputs: Int, outputs: Int) throws -> Convolution {
    try Convolution(Weights(FormulaWeights()), inputs: inputs, outputs: outputs, size: 3)
  }

  /// Returns the largest difference relative to the largest value.
  private func difference(of x: Tensor, to truth: Tensor) -> Float {
    let scale = truth.scalars.map(abs).max() ?? 0
    let differences = zip(x.scalars, truth.scalars).map { abs($0 - $1) }
    return x.shape == truth.shape ? differences.max().map { $0 / scale } ?? .nan : .infinity
  }

  @Test func `summing inputs equals a convolution of equal input channels`() throws {
    let whole = try convolution(inputs: 3, outputs: 20)
    let copies = x.joined(with: x).joined(with: x)
    #expect(difference(of: whole.summingInputs()(x), to: whole(copies)) < 2e-6)
  }

  @Test func `averaging outputs equals the mean of all output channels`() throws {
    let whole = try convolution(inputs: 1, outputs: 3)
    let all = whole(x)
    let mean = Tensor(
      [1, 20, 18, 1],
      stride(from: 0, to: all.shape.count, by: 3).map {
        all.scalars[$0..<$0 + 3].reduce(0, +) / 3
      })
    #expect(difference(of: whole.averagingOutputs()(x), to: mean) < 2e-6)
  }

  @Test func `convolutions of disjoint input channels add up to the whole convolution`() throws {
    let whole = try convolution(inputs: 40, outputs: 20)
    let (a, b) = (
      Tensor.random([1, 20, 18, 17], seed: 2), Tensor.random([1, 20, 18, 23], seed: 3)
    )
    let sum =
      whole.selecting(inputs: 0..<17, hasBias: true)(a)
      + whole.selecting(inputs: 17..<40, hasBias: false)(b)
    #expect(difference(of: sum, to: whole(a.joined(with: b))) < 4e-6)
  }
}

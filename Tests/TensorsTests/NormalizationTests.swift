import Tensors
import Testing

@Suite struct NormalizationTests {
  @Test(arguments: [(1, 5), (9, 16), (300, 19)])
  func `layer normalization gives each token mean 0 and variance 1, then applies gain and bias`(
    tokens: Int, channels: Int
  ) {
    let x = Tensor.random([1, tokens, channels], in: -2...9, seed: 1)
    let (gain, bias) = (Tensor.random([channels], seed: 2), Tensor.random([channels], seed: 3))
    let plain = Naive.normalized(x, epsilon: 1e-6) { Array($0[..<2]) }
    let truth = Naive.tensor(x.shape) { Double(plain.at($0) * gain[$0[2]] + bias[$0[2]]) }
    let result = x.layerNormalized(gain: gain, bias: bias, epsilon: 1e-6)
    #expect(result.error(to: truth) < 1e-6)
  }

  @Test(arguments: [(1, 1, 3, 4, 2), (2, 5, 3, 6, 3), (1, 61, 67, 4, 1)])
  func `group normalization gives each group of each image mean 0 and variance 1`(
    batch: Int, rows: Int, columns: Int, channels: Int, groups: Int
  ) {
    var x = Tensor.random([batch, rows, columns, channels], in: -1...4, seed: 4)
    let residual = Tensor.random(x.shape, seed: 5)
    let (gain, bias) = (Tensor.random([channels], seed: 6), Tensor.random([channels], seed: 7))
    let plain = Naive.normalized(x, epsilon: 1e-5) { [$0[0], $0[3] * groups / channels] }
    let truth = Naive.tensor(x.shape) {
      Double(max(plain.at($0) * gain[$0[3]] + bias[$0[3]] + residual.at($0), 0))
    }
    let copied = x.groupNormalized(groups: groups, gain: gain, bias: bias, epsilon: 1e-5)
    var plainInPlace = x
    plainInPlace.groupNormalize(groups: groups, gain: gain, bias: bias, epsilon: 1e-5)
    #expect(copied == plainInPlace)
    x.groupNormalize(
      groups: groups, gain: gain, bias: bias, epsilon: 1e-5, activation: .relu, adding: residual)
    #expect(x.error(to: truth) < 2e-6)
  }

  @Test func `a large common offset does not distort the variance of a group`() {
    let small = Tensor.random([1, 64, 64, 2], seed: 8)
    var x = Tensor(small.shape, small.scalars.map { ($0 * 1024).rounded() / 1024 + 4096 })  // exact
    x.groupNormalize(
      groups: 2, gain: Tensor([2], repeating: 1), bias: Tensor([2]), epsilon: 1e-12)
    let squares = x.scalars.reduce(0.0) { $0 + Double($1) * Double($1) }
    // The normalized value is x · factor + offset with both terms near 10⁴, so three digits remain.
    #expect(abs(squares / Double(x.scalars.count) - 1) < 2e-3)
  }
}

import Foundation
import Tensors
import Testing

@Suite struct ProductTests {
  /// The tolerance for sums of several dozen products, each with a rounding error; most errors cancel.
  let tolerance: Float = 2e-6

  /// Sizes below and above those of panels (12 rows, 32 columns, 16 in depth), with either operand kept in memory.
  @Test(arguments: [
    (1, 1, 1), (7, 5, 3), (513, 33, 17), (1025, 64, 9), (13, 16, 32), (24, 17, 33), (25, 40, 100),
  ])
  func `a matrix product equals its definition`(m: Int, k: Int, n: Int) {
    let a = Tensor.random([m, k], seed: 1)
    let b = Tensor.random([k, n], seed: 2)
    #expect(a.product(b).error(to: Naive.product(a, b)) < tolerance)
    let others = Parallel.$workers.withValue(3) { a.product(b) }
    #expect(others == a.product(b))
  }

  @Test(arguments: [(5, 21), (70, 21), (17, 90)])
  func `bias, residual, and activation are applied after the product, in this order`(
    rows: Int, columns: Int
  ) {
    let (a, b) = (Tensor.random([rows, 12], seed: 3), Tensor.random([12, columns], seed: 4))
    let bias = Tensor.random([columns], seed: 5)
    let residual = Tensor.random([rows, columns], seed: 6)
    let sum = Naive.product(a, b)
    let truth = Naive.tensor([rows, columns]) {
      max(Double(sum.at($0) + bias[$0[1]] + residual.at($0)), 0)
    }
    let result = a.product(b, bias: bias, activation: .relu, adding: residual)
    #expect(result.error(to: truth) < tolerance)
  }

  @Test func `GELU is x times the normal distribution function`() {
    let xs = (-4000...4000).map { Float($0) / 400 } + [-1000, 1000, 1e-20, -0.0]
    let ys = Tensor([xs.count, 1], xs).product(Tensor([1, 1], [1]), activation: .gelu).scalars
    let wrong = zip(xs, ys).filter { x, y in
      let truth = Double(x) * 0.5 * (1 + erf(Double(x) / 2.0.squareRoot()))
      // 1 + erf is rounded to 6e-8 before the multiplication by x.
      return !(abs(Double(y) - truth) <= 1.5e-7 * abs(Double(x)))
    }
    #expect(wrong.isEmpty, "\(wrong.count) of \(xs.count), first \(wrong.prefix(3))")
  }

  @Test func `SiLU is x times the logistic function`() {
    let xs = (-4000...4000).map { Float($0) / 100 } + [-1000, 1000, 1e-20, -0.0]
    let ys = Tensor([xs.count, 1], xs).product(Tensor([1, 1], [1]), activation: .silu).scalars
    let wrong = zip(xs, ys).filter { x, y in
      let truth = Double(x) / (1 + exp(-Double(x)))
      return !(abs(Double(y) - truth) <= 5e-7 * abs(truth) + 1e-30)
    }
    #expect(wrong.isEmpty, "\(wrong.count) of \(xs.count), first \(wrong.prefix(3))")
  }

  @Test func `joining concatenates channels`() {
    let (a, b) = (
      Tensor.random([2, 60, 80, 3], seed: 11), Tensor.random([2, 60, 80, 5], seed: 12)
    )
    let truth = Naive.tensor([2, 60, 80, 8]) {
      Double($0[3] < 3 ? a.at($0) : b.at(Array($0[..<3]) + [$0[3] - 3]))
    }
    #expect(a.joined(with: b) == truth)
  }

  @Test func `activations preserve NaN`() {
    let one = Tensor([1, 1], [1])
    let nan = Tensor([1, 1], [.nan])
    #expect(nan.product(one, activation: .relu).scalars[0].isNaN)
    #expect(nan.product(one, activation: .gelu).scalars[0].isNaN)
    #expect(nan.product(one, activation: .silu).scalars[0].isNaN)
  }

  @Test(arguments: [(1, 1), (3, 70), (65, 33)])
  func `transposing exchanges rows and columns`(rows: Int, columns: Int) {
    let x = Tensor.random([rows, columns], seed: 7)
    #expect(x.transposed() == Naive.tensor([columns, rows]) { Double(x[$0[1], $0[0]]) })
  }

  /// Numbers of tokens and channels below and above panels (12 queries, 32 keys or channels) and blocks (256 keys).
  @Test(arguments: [
    (1, 1, 3), (1, 300, 12), (2, 33, 24), (1, 12, 96), (1, 256, 99), (1, 257, 48), (1, 61, 300),
  ])
  func `attention equals its definition`(batch: Int, tokens: Int, width: Int) {
    let x = Tensor.random([batch, tokens, 3 * width], in: -3...3, seed: 8)
    #expect(x.attention(heads: 3).error(to: Naive.attention(x, heads: 3)) < 3e-6)
    let others = Parallel.$workers.withValue(3) { x.attention(heads: 3) }
    #expect(others == x.attention(heads: 3))
  }

  @Test func `scores in the hundreds do not overflow the softmax`() {
    let x = Tensor.random([1, 5, 6], in: -40...40, seed: 9)
    let result = x.attention(heads: 1)
    let isFinite = result.scalars.allSatisfy(\.isFinite)
    #expect(isFinite)
    #expect(result.error(to: Naive.attention(x, heads: 1)) < 1e-4)
  }
}

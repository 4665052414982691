import Tensors
import Testing

@Suite struct ConvolutionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var rows: Int
    var columns: Int
    var inputs: Int
    var outputs: Int
    var kernel: Int
    var stride = 1
    var padding = Padding.same
    var batch = 1

    var testDescription: String {
      "\(batch)×\(rows)×\(columns), \(inputs) → \(outputs), \(kernel)×\(kernel) by \(stride), \(padding)"
    }

    /// Returns the zeros before the first pixel and the size of the result, by TensorFlow's and PyTorch's published
    /// formulas.
    func extent(_ size: Int) -> (before: Int, result: Int) {
      switch padding {
      case .each(let zeros): (zeros, (size + 2 * zeros - kernel) / stride + 1)
      case .same where size % stride == 0: (max(kernel - stride, 0) / 2, size / stride)
      case .same: (max(kernel - size % stride, 0) / 2, size / stride + 1)
      }
    }

    /// Returns the error of the fast operation relative to the definition; nil if their shapes differ.
    func error() -> Float? {
      let x = Tensor.random([batch, rows, columns, inputs], seed: 1)
      let weights = Tensor.random([kernel, kernel, inputs, outputs], seed: 2)
      let result = x.convolved(with: weights, stride: stride, padding: padding)
      let ((top, height), (left, width)) = (extent(rows), extent(columns))
      let truth = Naive.convolution(
        x, weights, stride: stride, top: top, left: left, rows: height, columns: width)
      return result.shape == truth.shape ? result.error(to: truth) : nil
    }
  }

  @Test(arguments: [
    Case(rows: 1, columns: 1, inputs: 1, outputs: 1, kernel: 1),
    Case(rows: 1, columns: 1, inputs: 2, outputs: 3, kernel: 3),
    Case(rows: 5, columns: 7, inputs: 3, outputs: 4, kernel: 3, batch: 2),
    Case(rows: 33, columns: 300, inputs: 2, outputs: 5, kernel: 3, padding: .each(1)),
    Case(rows: 9, columns: 1100, inputs: 1, outputs: 2, kernel: 3),
    Case(rows: 8, columns: 10, inputs: 3, outputs: 5, kernel: 7, stride: 2),
    Case(rows: 9, columns: 11, inputs: 3, outputs: 2, kernel: 3, stride: 2, batch: 2),
    Case(rows: 8, columns: 6, inputs: 4, outputs: 2, kernel: 1, stride: 2),
    Case(rows: 9, columns: 7, inputs: 4, outputs: 2, kernel: 1, stride: 2),
    Case(rows: 8, columns: 6, inputs: 4, outputs: 2, kernel: 3, stride: 2, padding: .each(1)),
    Case(rows: 32, columns: 48, inputs: 3, outputs: 6, kernel: 16, stride: 16, padding: .each(0)),
    Case(rows: 7, columns: 9, inputs: 2, outputs: 3, kernel: 2, stride: 3, padding: .each(0)),
    Case(rows: 6, columns: 6, inputs: 2, outputs: 2, kernel: 1, padding: .each(1)),
  ])
  func `a convolution equals its definition`(sizes: Case) throws {
    #expect(try #require(sizes.error()) < 2e-6)
  }

  @Test func `convolutions of random shapes equal their definition`() throws {
    var generator = SplitMix64(seed: 99)
    for _ in 0..<40 {
      let kernel = Int.random(in: 1...5, using: &generator)
      let sizes = Case(
        rows: Int.random(in: kernel...40, using: &generator),
        columns: Int.random(in: kernel...40, using: &generator),
        inputs: Int.random(in: 1...6, using: &generator),
        outputs: Int.random(in: 1...6, using: &generator), kernel: kernel,
        stride: Int.random(in: 1...4, using: &generator),
        padding: Bool.random(using: &generator) ? .same : .each(kernel / 2),
        batch: Int.random(in: 1...2, using: &generator))
      #expect(try #require(sizes.error()) < 2e-6, "\(sizes.testDescription)")
    }
  }

  @Test
  func `the input is rectified before the convolution, and the result after bias and residual`() {
    let x = Tensor.random([1, 6, 7, 3], seed: 3)
    let kernel = Tensor.random([3, 3, 3, 4], seed: 4)
    let (bias, residual) = (Tensor.random([4], seed: 5), Tensor.random([1, 6, 7, 4], seed: 6))
    let sum = Naive.convolution(
      Naive.tensor(x.shape) { Double(max(x.at($0), 0)) }, kernel, stride: 1, top: 1, left: 1,
      rows: 6, columns: 7)
    let truth = Naive.tensor(sum.shape) {
      max(Double(sum.at($0) + bias[$0[3]] + residual.at($0)), 0)
    }
    let result = x.convolved(
      with: kernel, bias: bias, padding: .same, preparing: .rectified, activation: .relu,
      adding: residual)
    #expect(result.error(to: truth) < 2e-6)
  }

  @Test(arguments: [(1, 1), (5, 7), (40, 33)])
  func `a doubled input equals an input with 2 × 2 copies of each pixel`(rows: Int, columns: Int) {
    let x = Tensor.random([2, rows, columns, 3], seed: 10)
    let kernel = Tensor.random([3, 3, 3, 4], seed: 11)
    let large = Naive.tensor([2, 2 * rows, 2 * columns, 3]) {
      Double(x[$0[0], $0[1] / 2, $0[2] / 2, $0[3]])
    }
    let result = x.convolved(with: kernel, padding: .each(1), preparing: .doubled)
    #expect(result == large.convolved(with: kernel, padding: .each(1)))
  }

  /// Covers both variants of the Winograd algorithm: more squares than outputs, and fewer.
  @Test(arguments: [(16, 16), (17, 15), (36, 33), (41, 67)])
  func `Winograd convolutions of large maps equal their definition`(rows: Int, columns: Int) {
    for (inputs, outputs) in [(16, 32), (33, 47), (64, 96), (20, 130), (150, 40)]
    where rows * columns < 300 || inputs < 20 || (rows * columns < 1000 && inputs < 100) {
      let x = Tensor.random([2, rows, columns, inputs], seed: 21)
      let kernel = Tensor.random([3, 3, inputs, outputs], seed: 22)
      let truth = Naive.convolution(
        x, kernel, stride: 1, top: 1, left: 1, rows: rows, columns: columns)
      let error = x.convolved(with: kernel, padding: .each(1)).error(to: truth)
      #expect(error < 4e-6, "\(rows) × \(columns), \(inputs) → \(outputs): \(error)")
    }
  }

  @Test(arguments: [InputPreparation.none, .rectified, .doubled], [(16, 18), (28, 24)])
  func `Winograd convolutions apply preparation, bias, residual, and activation correctly`(
    preparation: InputPreparation, size: (rows: Int, columns: Int)
  ) {
    let (rows, columns) = size
    let factor = preparation == .doubled ? 2 : 1
    let x = Tensor.random([1, rows / factor, columns / factor, 17], seed: 31)
    let prepared = Naive.tensor([1, rows, columns, 17]) {
      let value = x[0, $0[1] / factor, $0[2] / factor, $0[3]]
      return Double(preparation == .rectified ? max(value, 0) : value)
    }
    for outputs in [1, 20, 50] {  // the map is streamed, or the filters are
      let kernel = Tensor.random([3, 3, 17, outputs], seed: 32)
      let bias = Tensor.random([outputs], seed: 33)
      let residual = Tensor.random([1, rows, columns, outputs], seed: 34)
      let sum = Naive.convolution(
        prepared, kernel, stride: 1, top: 1, left: 1, rows: rows, columns: columns)
      for activation in [Activation.none, .relu, .gelu, .silu] {
        let truth = Naive.tensor(sum.shape) {
          Naive.activation(activation, Double(sum.at($0) + bias[$0[3]] + residual.at($0)))
        }
        let result = x.convolved(
          with: kernel, bias: bias, padding: .same, preparing: preparation,
          activation: activation, adding: residual)
        #expect(result.error(to: truth) < 4e-6, "\(outputs) \(activation)")
      }
    }
  }

  @Test func `Winograd convolutions are bit-identical for any number of workers`() {
    let x = Tensor.random([1, 70, 61, 48], seed: 41)
    let kernel = Tensor.random([3, 3, 48, 64], seed: 42)
    let one = x.convolved(with: kernel, padding: .each(1))
    for workers in [2, 3, 8] {
      let other = Parallel.$workers.withValue(workers) {
        x.convolved(with: kernel, padding: .each(1))
      }
      #expect(one == other)
    }
  }

  @Test func `Winograd convolutions are bit-identical when filters are transformed in parts`() {
    let x = Tensor.random([1, 18, 21, 150], seed: 45)
    let kernel = Tensor.random([3, 3, 150, 70], seed: 46)
    let results = [16, 64, 160].map { inputs in
      WinogradBlocks.$current.withValue(WinogradBlocks(passingMap: 2, heldMap: 6, inputs: inputs)) {
        x.convolved(with: kernel, padding: .each(1))
      }
    }
    #expect(results[0] == results[1] && results[1] == results[2])
  }

  /// With 48 inputs, 64 outputs keep the filters in memory, and 320 outputs keep the map.
  @Test(arguments: [64, 320])
  func `Winograd convolutions are bit-identical for any block size`(outputs: Int) {
    let x = Tensor.random([1, 66, 61, 48], seed: 43)
    let kernel = Tensor.random([3, 3, 48, outputs], seed: 44)
    #expect(WinogradBlocks.holdsFilters(rows: 66, columns: 61, outputs: outputs) == (outputs == 64))
    let chosen = x.convolved(with: kernel, padding: .each(1))
    for size in [1, 3, 7, 100] {
      let blocks = WinogradBlocks(passingMap: size, heldMap: size)
      let other = WinogradBlocks.$current.withValue(blocks) {
        x.convolved(with: kernel, padding: .each(1))
      }
      #expect(chosen == other)
    }
  }

  @Test(arguments: [Activation.none, .relu, .silu], [(12, 9), (40, 37)])
  func `a normalization fused with a convolution equals a separate one`(
    activation: Activation, size: (rows: Int, columns: Int)
  ) {
    let x = Tensor.random([2, size.rows, size.columns, 24], in: -2...3, seed: 51)
    let (gain, bias) = (Tensor.random([24], seed: 52), Tensor.random([24], seed: 53))
    for (kernelSize, stride) in [(3, 1), (3, 2), (1, 1)] {
      let kernel = Tensor.random([kernelSize, kernelSize, 24, 40], seed: 54)
      let map = x.groupMap(groups: 6, gain: gain, bias: bias, epsilon: 1e-5, activation: activation)
      let fused = x.convolved(
        with: kernel, stride: stride, padding: .same, preparing: .mapped(map))
      let separate = x.groupNormalized(
        groups: 6, gain: gain, bias: bias, epsilon: 1e-5, activation: activation
      ).convolved(with: kernel, stride: stride, padding: .same)
      #expect(fused == separate, "\(kernelSize) × \(kernelSize) by \(stride)")
    }
  }

  @Test(arguments: [1, 2, 4])
  func `a transposed convolution writes the patch of each pixel to its place`(side: Int) {
    let x = Tensor.random([2, 3, 5, 4], seed: 7)
    let kernel = Tensor.random([4, side, side, 3], seed: 8)
    let bias = Tensor.random([3], seed: 9)
    let truth = Naive.tensor([2, 3 * side, 5 * side, 3]) { index in
      (0..<4).reduce(Double(bias[index[3]])) {
        $0 + Double(x[index[0], index[1] / side, index[2] / side, $1])
          * Double(kernel[$1, index[1] % side, index[2] % side, index[3]])
      }
    }
    #expect(x.transposedConvolution(by: kernel, bias: bias).error(to: truth) < 2e-6)
  }
}

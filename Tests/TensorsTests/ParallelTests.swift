import Synchronization
import Tensors
import Testing

@Suite struct ParallelTests {
  @Test(arguments: [0, 1, 2, 3, 100])
  func `every index runs once`(workers: Int) {
    let counts = Mutex([Int](repeating: 0, count: 57))
    Parallel.$workers.withValue(workers) {
      parallel(57) { index in counts.withLock { $0[index] += 1 } }
    }
    #expect(counts.withLock { $0 } == [Int](repeating: 1, count: 57))
  }

  @Test func `the number of workers inside a parallel loop is one`() {
    let workerCounts = Mutex<Set<Int>>([])
    Parallel.$workers.withValue(3) {
      parallel(20) { _ in workerCounts.withLock { _ = $0.insert(Parallel.workers) } }
    }
    #expect(workerCounts.withLock { $0 } == [1])
  }

  @Test(arguments: [2, 3, 7])
  func `every operation is bit-identical for any number of workers`(workers: Int) {
    let one = Parallel.$workers.withValue(1) { Self.results() }
    let many = Parallel.$workers.withValue(workers) { Self.results() }
    for ((name, single), (_, multiple)) in zip(one, many) {
      let areEqual = single == multiple  // keeps failures from printing all elements
      #expect(areEqual, "\(name) differs with \(workers) workers")
    }
  }

  /// Applies each operation to shapes that are divided into several blocks.
  static func results() -> [(String, Tensor)] {
    let x = Tensor.random([1, 61, 67, 16], seed: 1)
    let gain = Tensor.random([16], seed: 2)
    var normalized = x
    normalized.groupNormalize(groups: 4, gain: gain, bias: gain, epsilon: 1e-5, activation: .relu)
    let kernel = Tensor.random([3, 3, 16, 24], seed: 3)
    let tokens = Tensor.random([1, 700, 48], seed: 4)
    return [
      ("product", x.product(Tensor.random([16, 33], seed: 5), activation: .gelu)),
      ("convolution", x.convolved(with: kernel, padding: .same)),
      ("strided convolution", x.convolved(with: kernel, stride: 2, padding: .same)),
      (
        "transposed convolution",
        x.spread(by: Tensor.random([16, 2, 2, 5], seed: 6), bias: Tensor([5]))
      ),
      ("group norm", normalized),
      (
        "group norm into a new tensor",
        x.groupNormalized(groups: 4, gain: gain, bias: gain, epsilon: 1e-5, activation: .silu)
      ),
      ("joining", x.joined(with: x)),
      ("upsampled convolution", x.convolved(with: kernel, padding: .each(1), preparing: .doubled)),
      ("layer norm", x.layerNormalized(gain: gain, bias: gain, epsilon: 1e-6)),
      ("attention", tokens.attention(heads: 2)),
      ("resampling", x.resampled(rows: 100, columns: 90, aligning: .edges)),
      ("pooling", x.maxPooled()),
    ]
  }
}

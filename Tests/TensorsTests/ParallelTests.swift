import Foundation
import Synchronization
import Tensors
import TestConcurrency
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

  /// Each other thread may complete the iteration that it began before the cancellation.
  @Test(arguments: [1, 2, 4])
  func `a canceled computation begins no further iteration`(workers: Int) async {
    let task = Mutex<Task<Void, any Error>?>(nil)
    let begun = Shared(0)
    let late = Shared(0)
    let isCanceled = Shared(false)
    let computation = Task {
      while task.withLock({ $0 == nil }) { await Task.yield() }
      try await Parallel.$workers.withValue(workers) {
        try await Parallel.cancellable {
          for _ in 0..<2 {
            parallel(100) { _ in
              if isCanceled.value {
                late.increment()
              }
              guard begun.increment() == 10 else { return }
              task.withLock { $0?.cancel() }
              isCanceled.set(true)
            }
          }
        }
      }
    }
    task.withLock { $0 = computation }
    await #expect(throws: CancellationError.self) { try await computation.value }
    #expect(late.value < workers)
    #expect(begun.value < 10 + workers)
  }

  @Test func `a computation that is not canceled returns its value or its error`() async throws {
    struct Failure: Error {}
    #expect(try await Parallel.cancellable { 7 } == 7)
    await #expect(throws: Failure.self) { try await Parallel.cancellable { throw Failure() } }
  }

  /// The global executor has one thread for each processor.
  ///
  /// More tasks than that compute here at once, and each waits
  /// for a task on the global executor.
  @Test(.timeLimit(.minutes(5))) func `blocking work does not delay other tasks`() async throws {
    let width = 2 * ProcessInfo.processInfo.activeProcessorCount + 1
    let begun = Shared(0)
    let isOver = Shared(false)
    try await forEachConcurrently(Array(0..<width), atOnce: width) { _ in
      if begun.increment() == width {
        Task.detached { isOver.set(true) }
      }
      while !isOver.value { sched_yield() }
    } receive: { _, _ in
    }
  }

  @Test func `results of concurrent work arrive once each, and the first error ends it`() async {
    struct Failure: Error {}
    var found: [Int: Int] = [:]
    let started = Shared(0)
    await #expect(throws: Failure.self) {
      try await forEachConcurrently(Array(0..<100), atOnce: 3) { item in
        started.increment()
        if item == 50 { throw Failure() }
        if item > 50 { try await Task.sleep(for: .seconds(300)) }  // until it is canceled
        return item * item
      } receive: {
        #expect(found.updateValue($1, forKey: $0) == nil)
      }
    }
    #expect(found.allSatisfy { $1 == $0 * $0 } && found[50] == nil)
    #expect(started.value <= 53)
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
        x.transposedConvolution(by: Tensor.random([16, 2, 2, 5], seed: 6), bias: Tensor([5]))
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

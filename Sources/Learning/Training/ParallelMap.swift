import Synchronization
import Tensors

/// What `part` gives for each index below `count`, in their order, on at most `Parallel.workers` threads.
///
/// - Parameters:
///   - count: How many parts there are.
///   - part: Runs in any order.
/// - Returns: As many results.
func parallelMap<Part: Sendable>(_ count: Int, _ part: @Sendable (Int) -> Part) -> [Part] {
  let parts = Mutex([Part?](repeating: nil, count: count))
  parallel(count) { index in
    let result = part(index)
    parts.withLock { $0[index] = result }
  }
  return parts.withLock { $0.compactMap(\.self) }
}

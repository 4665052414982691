import Synchronization
import Tensors

/// Returns the results of `part` for each index below `count`, in order, on at most `Parallel.workers` threads.
///
/// - Parameters:
///   - count: The number of parts.
///   - part: Computes a part; parts run in any order.
/// - Returns: `count` results.
func parallelMap<Part: Sendable>(_ count: Int, _ part: @Sendable (Int) -> Part) -> [Part] {
  let parts = Mutex([Part?](repeating: nil, count: count))
  parallel(count) { index in
    let result = part(index)
    parts.withLock { $0[index] = result }
  }
  return parts.withLock { $0.compactMap(\.self) }
}

import Dispatch
import Synchronization

/// The number of threads that an operation may use internally.
///
/// A scene runs its tiles concurrently and gives each tile one worker; a single tile gets all workers. Results are
/// bit-identical either way: workers only determine which thread computes a part, not how the work is divided.
public enum Parallel {
  /// The number of workers in the current task.
  @TaskLocal public static var workers: Int = 1
}

/// Runs `body` for each index below `count` on at most `Parallel.workers` threads, and waits for all of them.
///
/// Calls run in any order and must write to separate memory. Within `body`, the number of workers is one. In a canceled
/// computation (`Parallel.cancellable`), the remaining calls are left out.
public func parallel(_ count: Int, _ body: @Sendable (Int) -> Void) {
  let workers = min(Parallel.workers, count)
  let request = Parallel.stopRequest
  guard workers > 1 else {
    for index in 0..<max(count, 0) where request?.isSet != true { body(index) }
    return
  }
  let next = Atomic(0)
  DispatchQueue.concurrentPerform(iterations: workers) { _ in
    Parallel.$workers.withValue(1) {
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < count, request?.isSet != true else { break }
        body(index)
      }
    }
  }
}

/// A pointer to a result in which each iteration of a parallel loop writes its own elements.
///
/// Unchecked: the loops in this module give each index a range that no other index writes, and the storage outlives
/// `parallel`, which returns after all iterations are complete.
struct SharedOutput: @unchecked Sendable {
  let base: UnsafeMutablePointer<Float>

  init(_ buffer: UnsafeMutableBufferPointer<Float>) {
    base = buffer.baseAddress ?? UnsafeMutablePointer(bitPattern: MemoryLayout<Float>.alignment)!
  }

  init(_ base: UnsafeMutablePointer<Float>) { self.base = base }
}

/// Divides `count` into as few index ranges of at most `length` as possible, of nearly equal size.
func evenParts(_ count: Int, length: Int) -> [Range<Int>] {
  let parts = (count + length - 1) / length
  return (0..<parts).map { $0 * count / parts..<($0 + 1) * count / parts }
}

import Dispatch
import Synchronization

/// How many threads an operation may use inside itself.
///
/// A scene runs its tiles at once and gives each one worker; a single tile gets them all. Results are the
/// same bits either way, since the workers choose *who* does a part, never what the parts are.
public enum Parallel {
  @TaskLocal public static var workers: Int = 1
}

/// Runs `body` for each index below `count`, on at most `Parallel.workers` threads, and waits for all.
///
/// The bodies run in any order and must write to places of their own. Inside them there is one worker.
public func parallel(_ count: Int, _ body: @Sendable (Int) -> Void) {
  let workers = min(Parallel.workers, count)
  guard workers > 1 else {
    for index in 0..<max(count, 0) { body(index) }
    return
  }
  let next = Atomic(0)
  DispatchQueue.concurrentPerform(iterations: workers) { _ in
    Parallel.$workers.withValue(1) {
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < count else { break }
        body(index)
      }
    }
  }
}

/// A pointer into a result of which every part of a parallel loop writes its own elements.
///
/// Unchecked: the loops in this module hand each index a range that no other index touches, and the
/// storage outlives `parallel`, which returns when all parts are done.
struct SharedOutput: @unchecked Sendable {
  let base: UnsafeMutablePointer<Float>

  init(_ buffer: UnsafeMutableBufferPointer<Float>) {
    base = buffer.baseAddress ?? UnsafeMutablePointer(bitPattern: MemoryLayout<Float>.alignment)!
  }

  init(_ base: UnsafeMutablePointer<Float>) { self.base = base }
}

/// The index ranges that cut `count` into as few parts of at most `length` as possible, all nearly equal.
func evenParts(_ count: Int, length: Int) -> [Range<Int>] {
  let parts = (count + length - 1) / length
  return (0..<parts).map { $0 * count / parts..<($0 + 1) * count / parts }
}

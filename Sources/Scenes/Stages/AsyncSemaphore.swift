import Synchronization
import Tensors

/// A FIFO async semaphore that limits how many networks run at once; waiting tasks do not block a thread.
package final class AsyncSemaphore: Sendable {
  private typealias Waiter = CheckedContinuation<Void, any Error>

  private struct State {
    var free: Int
    /// In order of arrival.
    var waiting: [(number: Int, waiter: Waiter)] = []
    var arrivals = 0
  }

  private let state: Mutex<State>

  /// Creates a semaphore that admits `atOnce` callers at once.
  package init(atOnce: Int) { state = Mutex(State(free: atOnce)) }

  /// Waits for a free slot, runs `body`, and releases the slot.
  ///
  /// - Throws: The error of `body`; `CancellationError` as soon as the task is canceled, whether it waits or runs: the
  ///   parallel loops of `body` stop, and its result is discarded.
  package func pass<Result>(_ body: () throws -> Result) async throws -> Result {
    try await enter()
    defer { leave() }
    return try await Parallel.cancellable(body)
  }

  private func enter() async throws {
    let number = state.withLock { state in
      state.arrivals += 1
      return state.arrivals
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (waiter: Waiter) in
        let outcome: Result<Void, any Error>? = state.withLock { state in
          // A cancellation from here on finds the waiter, because it needs the lock.
          if Task.isCancelled { return .failure(CancellationError()) }
          guard state.free == 0 else {
            state.free -= 1
            return .success(())
          }
          state.waiting.append((number, waiter))
          return nil
        }
        if let outcome { waiter.resume(with: outcome) }
      }
    } onCancel: {
      let waiter = state.withLock { state in
        state.waiting.firstIndex { $0.number == number }.map { state.waiting.remove(at: $0).waiter }
      }
      waiter?.resume(throwing: CancellationError())
    }
  }

  private func leave() {
    let next = state.withLock { state -> Waiter? in
      guard state.waiting.isEmpty else { return state.waiting.removeFirst().waiter }
      state.free += 1
      return nil
    }
    next?.resume()
  }
}

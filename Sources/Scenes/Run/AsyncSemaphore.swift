import Synchronization

/// A FIFO async semaphore that limits how many networks run at once; waiting tasks do not block a thread.
final class AsyncSemaphore: Sendable {
  private struct State {
    var free: Int
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state: Mutex<State>

  /// Creates a semaphore that admits `atOnce` callers at once.
  init(atOnce: Int) { state = Mutex(State(free: atOnce)) }

  /// Waits for a free slot, runs `body`, and releases the slot.
  func pass<Result>(_ body: () throws -> Result) async rethrows -> Result {
    await enter()
    defer { leave() }
    return try body()
  }

  private func enter() async {
    await withCheckedContinuation { continuation in
      let isAdmitted = state.withLock { state in
        guard state.free == 0 else {
          state.free -= 1
          return true
        }
        state.waiting.append(continuation)
        return false
      }
      if isAdmitted { continuation.resume() }
    }
  }

  private func leave() {
    let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
      state.free += 1
      return nil
    }
    next?.resume()
  }
}

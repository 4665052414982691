import CProcess
import Rasters
import Synchronization

/// Turns SIGINT and SIGTERM into cancellation: the run ends in an orderly way and keeps its finished work.
///
/// The main thread does nothing but wait for signals, so they are handled even if all other threads are busy or stuck.
enum Interruption {
  private static let cancel = Mutex<(@Sendable () -> Void)?>(nil)

  /// Waits for `work`; the first signal cancels it, and a second one ends the program immediately.
  ///
  /// A closed terminal (SIGHUP) does not end the work.
  ///
  /// - Parameters:
  ///   - work: The task that a signal cancels.
  ///   - loss: A message that says what an interruption loses; nil if the same command resumes the work.
  /// - Returns: The value of the task.
  /// - Throws: Any error of the task; `Interrupted` instead of a cancellation if `loss` is not nil.
  static func cancelling<Value: Sendable>(
    _ work: Task<Value, any Error>, losing loss: String? = nil
  ) async throws -> Value {
    cancel.withLock { $0 = { work.cancel() } }
    cp_catch_signals()
    defer {
      cp_release_signals()
      cancel.withLock { $0 = nil }
    }
    do {
      return try await work.value
    } catch let error where loss != nil && Self.isCancellation(error) {
      throw Interrupted(loss: loss ?? "")
    }
  }

  /// Cancels the current work at each signal, until the program exits.
  static func wait() -> Never {
    while true {
      cp_wait_for_signal()
      cancel.withLock { $0 }?()
    }
  }

  /// Whether an error says that the work was cancelled, and not that it failed.
  static func isCancellation(_ error: any Error) -> Bool {
    error is CancellationError || (error as? RasterError)?.kind == .cancelled
  }
}

/// An interruption by a signal with its own message.
struct Interrupted: Error {
  let loss: String
}

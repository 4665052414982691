import CProcess
import Rasters
import Synchronization

/// SIGINT and SIGTERM as cancellation: the run ends in order and leaves what it has finished.
///
/// The main thread waits for them and does nothing else, so they are heard however busy, or stuck, all others are.
enum Interruption {
  private static let cancel = Mutex<(@Sendable () -> Void)?>(nil)

  /// Waits for `work`; the first signal cancels it, a second one ends the program at once.
  ///
  /// A terminal that goes away (SIGHUP) does not end it.
  ///
  /// - Parameters:
  ///   - work: what a signal cancels.
  ///   - loss: what is lost by it; nil where the same command goes on.
  /// - Returns: what the work returns.
  /// - Throws: what the work throws, or `Interrupted` where a loss is given.
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

  /// Hands signals on to the work, until the program exits.
  static func wait() -> Never {
    while true {
      cp_wait_for_signal()
      cancel.withLock { $0 }?()
    }
  }

  private static func isCancellation(_ error: any Error) -> Bool {
    error is CancellationError || (error as? RasterError)?.kind == .cancelled
  }
}

/// A signal ended work of which nothing is kept.
struct Interrupted: Error {
  let loss: String
}

import Dispatch
import Foundation

/// SIGINT and SIGTERM as cancellation: the run ends in order and leaves what it has finished.
enum Interruption {
  /// Waits for `work`; the first signal cancels it, a second one ends the program at once.
  static func cancelling<Value: Sendable>(_ work: Task<Value, any Error>) async throws -> Value {
    let sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        signal(number, SIG_DFL)
        work.cancel()
      }
      source.resume()
      return source
    }
    defer { for source in sources { source.cancel() } }
    return try await work.value
  }
}

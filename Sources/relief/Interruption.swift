import Dispatch
import Foundation
import Rasters

/// SIGINT and SIGTERM as cancellation: the run ends in order and leaves what it has finished.
enum Interruption {
  /// Waits for `work`; the first signal cancels it, a second one ends the program at once.
  ///
  /// `losing` says what is lost by it; nil where the same command goes on.
  static func cancelling<Value: Sendable>(
    _ work: Task<Value, any Error>, losing loss: String? = nil
  ) async throws -> Value {
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
    do {
      return try await work.value
    } catch let error where loss != nil && Self.isCancellation(error) {
      throw Interrupted(loss: loss ?? "")
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

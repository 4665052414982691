import Synchronization

extension Parallel {
  /// A request to stop the parallel loops of one computation.
  final class StopRequest: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }

    func set() { flag.store(true, ordering: .relaxed) }
  }

  /// The stop request of the current computation; nil if it always runs to its end.
  @TaskLocal static var stopRequest: StopRequest?

  /// Runs a computation whose parallel loops stop when the current task is canceled.
  ///
  /// After the cancellation, each thread completes at most the iteration that it has begun. What the computation
  /// returns from then on is not meaningful, and is discarded.
  ///
  /// - Parameter body: The computation, which runs on the current thread and those of its parallel loops.
  /// - Returns: The result of `body`.
  /// - Throws: `CancellationError` if the task was canceled before `body` returned; else the error of `body`.
  public static func cancellable<Value>(_ body: () throws -> Value) async throws -> Value {
    try Task.checkCancellation()
    let request = StopRequest()
    return try await withTaskCancellationHandler {
      let result = Result { try $stopRequest.withValue(request, operation: body) }
      if request.isSet { throw CancellationError() }
      return try result.get()
    } onCancel: {
      request.set()
    }
  }
}

/// Runs work on items, at most `width` at once, on threads that may block.
///
/// - Parameters:
///   - items: The items, which start in order.
///   - width: The number of items in work at once, at least 1.
///   - work: The work on one item.
///   - receive: Called with the index and the result of each item as soon as it is finished, one call at a time.
/// - Throws: The first error of `work` or `receive`, which cancels the other items; `CancellationError`.
package func forEachConcurrently<Item: Sendable, Output: Sendable>(
  _ items: [Item], atOnce width: Int,
  _ work: @escaping @Sendable (Item) async throws -> Output,
  receive: (Int, Output) throws -> Void
) async throws {
  precondition(width > 0, "\(width) items at once")
  try await withThrowingTaskGroup(of: (Int, Output).self) { group in
    var next = items.indices.makeIterator()
    func start() {
      guard let index = next.next() else { return }
      group.addTask(executorPreference: BlockingExecutor.shared) {
        (index, try await work(items[index]))
      }
    }
    for _ in 0..<width { start() }
    while let (index, output) = try await group.next() {
      try Task.checkCancellation()
      try receive(index, output)
      start()
    }
  }
}

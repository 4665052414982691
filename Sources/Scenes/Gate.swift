import Synchronization

/// Lets so many networks run at once, first come, first served; who waits holds no thread.
final class Gate: Sendable {
  private struct Line {
    var free: Int
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let line: Mutex<Line>

  init(atOnce: Int) { line = Mutex(Line(free: atOnce)) }

  func pass<Result>(_ body: () throws -> Result) async rethrows -> Result {
    await enter()
    defer { leave() }
    return try body()
  }

  private func enter() async {
    await withCheckedContinuation { continuation in
      let goesOn = line.withLock { line in
        guard line.free == 0 else {
          line.free -= 1
          return true
        }
        line.waiting.append(continuation)
        return false
      }
      if goesOn { continuation.resume() }
    }
  }

  private func leave() {
    let next = line.withLock { line -> CheckedContinuation<Void, Never>? in
      guard line.waiting.isEmpty else { return line.waiting.removeFirst() }
      line.free += 1
      return nil
    }
    next?.resume()
  }
}

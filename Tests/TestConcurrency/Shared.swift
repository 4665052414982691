import Synchronization

/// A value that tasks and threads of a test share.
public final class Shared<Value: Sendable>: Sendable {
  private let stored: Mutex<Value>

  /// Creates a shared value.
  public init(_ value: Value) { stored = Mutex(value) }

  /// The current value.
  public var value: Value { stored.withLock { $0 } }

  /// Replaces the value.
  public func set(_ value: Value) { stored.withLock { $0 = value } }
}

extension Shared<Int> {
  /// Adds one, and returns the sum.
  @discardableResult public func increment() -> Int {
    stored.withLock { value in
      value += 1
      return value
    }
  }
}

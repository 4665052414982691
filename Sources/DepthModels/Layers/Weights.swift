public import Tensors
internal import Synchronization

/// Where the numbers of a network come from: a checkpoint, or a formula.
public protocol WeightSource: Sendable {
  /// What to call it in messages.
  var label: String { get }
  /// The names of all tensors it holds, or nil where it can make any.
  var names: Set<String>? { get }
  /// The tensor of that name.
  ///
  /// - Throws: `ModelError` where it is missing or its shape is not `shape`.
  func tensor(_ name: String, _ shape: Shape) throws -> Tensor
}

/// A scoped view of a weight source: `weights["blocks"][3]["attn"]` sees what lies under `blocks.3.attn`.
///
/// Layers ask for each tensor by its name and shape. All views of a source keep one list of what was asked
/// for, so that `finish` can name what nobody wanted.
public struct Weights: Sendable {
  private let source: any WeightSource
  private let prefix: String
  private let ledger: Ledger

  public init(_ source: any WeightSource) {
    self.source = source
    prefix = ""
    ledger = Ledger()
  }

  private init(_ parent: Weights, _ name: String) {
    source = parent.source
    prefix = parent.prefix + name + "."
    ledger = parent.ledger
  }

  public subscript(name: String) -> Weights { Weights(self, name) }
  public subscript(index: Int) -> Weights { Weights(self, String(index)) }

  /// The tensor of that name in this scope.
  ///
  /// - Throws: `ModelError` where it is missing, has another shape or holds numbers that are not finite.
  public func tensor(_ name: String, _ shape: Shape) throws -> Tensor {
    let tensor = try source.tensor(prefix + name, shape)
    guard tensor.isFinite else {
      throw ModelError(
        .badData, "\(prefix)\(name) in \(source.label) holds numbers that are not finite")
    }
    ledger.state.withLock { state in
      state.asked.insert(prefix + name)
      state.byteCount += shape.count * MemoryLayout<Float>.size
    }
    return tensor
  }

  /// The memory of all tensors handed out.
  public var byteCount: Int { ledger.state.withLock { $0.byteCount } }

  /// Checks that every tensor of the source has been asked for.
  ///
  /// - Parameter isDead: Says of which tensors it is known that the network does not use them.
  /// - Throws: `ModelError` that names the others.
  public func finish(ignoring isDead: (String) -> Bool) throws(ModelError) {
    guard let names = source.names else { return }
    let extra = names.subtracting(ledger.state.withLock { $0.asked }).filter { !isDead($0) }
      .sorted()
    guard let first = extra.first else { return }
    throw ModelError(
      .badData,
      extra.count == 1
        ? "\(first) in \(source.label) belongs to no layer of the network"
        : "\(extra.count) tensors in \(source.label) belong to no layer of the network: "
          + extra.prefix(5).joined(separator: ", ") + (extra.count > 5 ? ", …" : ""))
  }

  private final class Ledger: Sendable {
    let state = Mutex<(asked: Set<String>, byteCount: Int)>(([], 0))
  }
}

extension Safetensors: WeightSource {
  public var label: String { path }
  public var names: Set<String>? { Set(entries.keys) }

  public func tensor(_ name: String, _ shape: Shape) throws -> Tensor {
    if let found = entries[name]?.shape, found != shape {
      throw ModelError(.badData, "\(name) is \(found) in \(path), expected \(shape)")
    }
    return try tensor(name)
  }
}

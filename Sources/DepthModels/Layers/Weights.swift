public import Tensors
import Synchronization

/// A source of a network's tensors, such as a checkpoint or a formula.
public protocol WeightSource: Sendable {
  /// The name used in messages.
  var label: String { get }
  /// The names of all tensors in the source, or nil if it can produce any tensor.
  var names: Set<String>? { get }
  /// Returns the tensor with a given name.
  ///
  /// - Throws: `ModelError` if it is missing or its shape is not `shape`.
  func tensor(_ name: String, _ shape: Shape) throws -> Tensor
}

/// A scoped view of a weight source: `weights["blocks"][3]["attn"]` contains the tensors under `blocks.3.attn`.
///
/// Layers request each tensor by name and shape. All views of a source share one record of requested tensors, so that
/// `finish` can report those that were never requested.
public struct Weights: Sendable {
  private let source: any WeightSource
  private let prefix: String
  private let ledger: Ledger

  /// Creates a view of a whole source.
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

  /// The view of the tensors under a name.
  public subscript(name: String) -> Weights { Weights(self, name) }
  /// The view of the tensors under an index.
  public subscript(index: Int) -> Weights { Weights(self, String(index)) }

  /// Returns the tensor with a given name in this scope.
  ///
  /// - Throws: `ModelError` if it is missing, has another shape, or contains values that are not finite.
  public func tensor(_ name: String, _ shape: Shape) throws -> Tensor {
    let tensor = try source.tensor(prefix + name, shape)
    guard tensor.isFinite else {
      throw ModelError(
        .badData, "\(prefix)\(name) in \(source.label) contains values that are not finite")
    }
    ledger.state.withLock { state in
      state.requested.insert(prefix + name)
      state.byteCount += shape.count * MemoryLayout<Float>.size
    }
    return tensor
  }

  /// The memory of all tensors returned so far, in bytes.
  public var byteCount: Int { ledger.state.withLock { $0.byteCount } }

  /// Checks that every tensor of the source has been requested.
  ///
  /// - Parameter isUnused: Returns whether a tensor is known to be unused by the network.
  /// - Throws: `ModelError` naming the tensors that were not requested.
  public func finish(ignoring isUnused: (String) -> Bool) throws(ModelError) {
    guard let names = source.names else { return }
    let extra = names.subtracting(ledger.state.withLock { $0.requested }).filter { !isUnused($0) }
      .sorted()
    guard let first = extra.first else { return }
    throw ModelError(
      .badData,
      extra.count == 1
        ? "\(first) in \(source.label) is not used by any layer of the network"
        : "\(extra.count) tensors in \(source.label) are not used by any layer of the network: "
          + extra.prefix(5).joined(separator: ", ") + (extra.count > 5 ? ", …" : ""))
  }

  private final class Ledger: Sendable {
    let state = Mutex<(requested: Set<String>, byteCount: Int)>(([], 0))
  }
}

extension Safetensors: WeightSource {
  /// The path of the file.
  public var label: String { path }
  /// The names of all tensors in the file.
  public var names: Set<String>? { Set(entries.keys) }

  /// Returns the tensor with a given name.
  ///
  /// - Throws: `ModelError` if it is missing or its shape is not `shape`.
  public func tensor(_ name: String, _ shape: Shape) throws -> Tensor {
    if let found = entries[name]?.shape, found != shape {
      throw ModelError(.badData, "\(name) is \(found) in \(path), expected \(shape)")
    }
    return try tensor(name)
  }
}

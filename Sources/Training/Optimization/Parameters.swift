package import DepthModels
import Foundation
import Synchronization
package import Tensors

/// The trainable parameters of a network, by tensor name.
///
/// They are sorted by name, whatever order the network requests them in.
package struct Parameters: Sendable {
  package let names: [String]
  package private(set) var values: [Tensor]
  /// The network's name for messages.
  let label: String

  /// Finds the tensors of a network by building it once, and creates each.
  ///
  /// - Parameters:
  ///   - label: The network's name for messages.
  ///   - source: The source of the initial values.
  ///   - building: Builds the network.
  /// - Throws: Errors of the source or the network.
  package init(_ label: String, from source: any WeightSource, building: (Weights) throws -> Void)
    throws
  {
    let recorder = RecordingSource(source)
    try building(Weights(recorder))
    let made = recorder.made.sorted { $0.key < $1.key }
    self.label = label
    names = made.map(\.key)
    values = made.map(\.value)
  }

  /// Replaces all values by others of the same shapes, in the order of the names.
  mutating func replace(by arrays: [[Float]]) {
    values = zip(values, arrays).map { Tensor($0.shape, $1) }
  }

  /// Modifies the values of each tensor in place.
  package mutating func change(_ body: (Int, inout MutableSpan<Float>) -> Void) {
    for index in values.indices { values[index].withMutableSpan { body(index, &$0) } }
  }

  /// The parameters as leaf tensors that record gradients, for one forward and backward pass.
  package func tracked() -> ParameterSource { ParameterSource(self, isTracked: true) }

  /// The parameters without gradients.
  package func untracked() -> ParameterSource { ParameterSource(self, isTracked: false) }

  /// The tensors as items of a safetensors file.
  func items(as type: Safetensors.ElementType = .f32) -> [Safetensors.Item] {
    zip(names, values).map { Safetensors.Item($0, $1, as: type) }
  }
}

/// A weight source that hands out parameters.
package struct ParameterSource: WeightSource {
  package let label: String
  private let tensors: [String: Tensor]
  private let order: [String]

  fileprivate init(_ parameters: Parameters, isTracked: Bool) {
    label = parameters.label
    order = parameters.names
    tensors = Dictionary(
      uniqueKeysWithValues: zip(
        parameters.names, parameters.values.map { isTracked ? $0.tracked() : $0 }))
  }

  package var names: Set<String>? { Set(order) }

  package func tensor(_ name: String, _ shape: Shape) throws -> Tensor {
    guard let tensor = tensors[name], tensor.shape == shape else {
      preconditionFailure(
        "the network requests \(name) \(shape), which it did not when it was built first")
    }
    return tensor
  }

  /// The gradient of each parameter, in the order of the names; nil for parameters that the result does not depend on.
  package var gradients: [Tensor?] { order.map { tensors[$0]?.gradient } }
}

/// A weight source that records which tensors were requested.
private final class RecordingSource: WeightSource {
  private let source: any WeightSource
  private let held = Mutex<[String: Tensor]>([:])

  init(_ source: any WeightSource) { self.source = source }

  var label: String { source.label }
  var names: Set<String>? { source.names }
  var made: [String: Tensor] { held.withLock { $0 } }

  func tensor(_ name: String, _ shape: Shape) throws -> Tensor {
    let tensor = try source.tensor(name, shape)
    held.withLock { $0[name] = tensor }
    return tensor
  }
}

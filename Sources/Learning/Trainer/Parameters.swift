import DepthModels
import Foundation
import Synchronization
import Tensors

/// The numbers of a network that a training changes, by the names of their tensors.
///
/// The order is that of the names, whatever order the network asks in.
struct Parameters: Sendable {
  let names: [String]
  private(set) var values: [Tensor]
  /// What to call them in messages.
  let label: String

  /// Finds out which tensors a network has by building it once, and makes each.
  ///
  /// - Parameters:
  ///   - label: What to call them in messages.
  ///   - source: Where the first numbers come from.
  ///   - building: Builds the network.
  /// - Throws: What the source or the network finds wrong.
  init(_ label: String, from source: any WeightSource, building: (Weights) throws -> Void) throws {
    let recorder = RecordingSource(source)
    try building(Weights(recorder))
    let made = recorder.made.sorted { $0.key < $1.key }
    self.label = label
    names = made.map(\.key)
    values = made.map(\.value)
  }

  /// Replaces all numbers by others of the same shapes, in the order of the names.
  mutating func replace(by arrays: [[Float]]) {
    values = zip(values, arrays).map { Tensor($0.shape, $1) }
  }

  /// Changes each tensor's numbers in place.
  mutating func change(_ body: (Int, inout MutableSpan<Float>) -> Void) {
    for index in values.indices { values[index].withMutableSpan { body(index, &$0) } }
  }

  /// The numbers as leaves whose gradients are wanted, for one way there and back.
  func tracked() -> ParameterSource { ParameterSource(self, isTracked: true) }

  /// The numbers alone.
  func untracked() -> ParameterSource { ParameterSource(self, isTracked: false) }

  /// The tensors to be written.
  func items(as type: Safetensors.ElementType = .f32) -> [Safetensors.Item] {
    zip(names, values).map { Safetensors.Item($0, $1, as: type) }
  }
}

/// Parameters as a network asks for them.
struct ParameterSource: WeightSource {
  let label: String
  private let tensors: [String: Tensor]
  private let order: [String]

  fileprivate init(_ parameters: Parameters, isTracked: Bool) {
    label = parameters.label
    order = parameters.names
    tensors = Dictionary(
      uniqueKeysWithValues: zip(
        parameters.names, parameters.values.map { isTracked ? $0.tracked() : $0 }))
  }

  var names: Set<String>? { Set(order) }

  func tensor(_ name: String, _ shape: Shape) throws -> Tensor {
    guard let tensor = tensors[name], tensor.shape == shape else {
      preconditionFailure("the network that was built first asked for \(name) \(shape), too")
    }
    return tensor
  }

  /// What came back to each, in the order of the names; nil for what the result does not depend on.
  var gradients: [Tensor?] { order.map { tensors[$0]?.gradient } }
}

/// Remembers what was asked for.
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

import FoundationEssentials
import Tensors

/// The tensors that a PyTorch pickle describes, which are read without executing anything.
///
/// Source: `torch/_utils.py` (the `_rebuild_…` functions) and `torch/serialization.py` (persistent identifiers).
struct TorchPickle {
  /// The elements that tensors are views of, as described by a persistent identifier.
  struct Storage {
    let key: String
    let type: String
    let byteCount: Int
    let count: Int
    /// In old files, the range of elements of another storage that this one consists of.
    let view: Range<Int>?
  }

  let pickle: Pickle
  let path: String
  /// Returns the byte range of a storage's elements in the file.
  let place: (Storage) throws(ModelError) -> Range<Int>

  /// The name of the type in safetensors and its size in bytes, by the class in a persistent identifier.
  private static let types = [
    "Double": ("F64", 8), "Float": ("F32", 4), "Half": ("F16", 2), "BFloat16": ("BF16", 2),
    "Long": ("I64", 8), "Int": ("I32", 4), "Short": ("I16", 2), "Char": ("I8", 1),
    "Byte": ("U8", 1), "Bool": ("BOOL", 1), "ComplexFloat": ("C64", 8),
    "ComplexDouble": ("C128", 16),
  ]

  /// Returns the storage of a persistent identifier: ("storage", class, key, device, count[, view]).
  static func storage(
    _ identifier: Pickle.Object, in pickle: Pickle, path: String
  ) throws(ModelError) -> Storage {
    let parts = pickle.items(identifier.items.first) ?? []
    guard parts.count >= 5, parts[0].text == "storage", let key = parts[2].text,
      let count = parts[4].integer, count >= 0,
      case .global(let name)? = pickle.object(parts[1])?.kind
    else { throw ModelError(.badData, "\(path) has a storage with an unsupported identifier") }
    let kind = name.split(separator: ".").last ?? ""
    guard let (type, byteCount) = types[String(kind.replacing("Storage", with: ""))] else {
      throw ModelError(.badData, "\(path) has a storage of the unknown class \(name)")
    }
    var view: Range<Int>?
    if parts.count > 5, let numbers = pickle.items(parts[5])?.dropFirst().compactMap(\.integer) {
      guard numbers.count == 2, numbers[0] >= 0, numbers[1] >= 0,
        numbers[0] <= count, numbers[1] <= count - numbers[0]
      else {
        throw ModelError(.badData, "\(path) has a view beyond the end of its storage \(key)")
      }
      view = numbers[0]..<numbers[0] + numbers[1]
    }
    return Storage(key: key, type: type, byteCount: byteCount, count: count, view: view)
  }

  /// Returns whether a value is a tensor.
  func isTensor(_ value: Pickle.Value) -> Bool { rebuildArguments(value) != nil }

  /// Returns the tensor with a given name, or a placeholder for an entry that is not a tensor.
  func tensor(_ value: Pickle.Value, named name: String) throws(ModelError) -> TorchTensor {
    guard let arguments = rebuildArguments(value) else {
      return TorchTensor(opaque: pickle.description(of: value))
    }
    guard arguments.count >= 4, let identifier = pickle.object(arguments[0]),
      identifier.kind == .persistent, let offset = arguments[1].integer,
      let dims = pickle.integers(arguments[2]), let strides = pickle.integers(arguments[3]),
      dims.count <= 16
    else {
      throw ModelError(.badData, "\(name) in \(path) is a tensor with an unsupported description")
    }
    let storage = try Self.storage(identifier, in: pickle, path: path)
    return try TorchTensor(
      type: storage.type, storage: place(storage), byteCount: storage.byteCount, offset: offset,
      dims: dims, strides: strides, place: "\(name) in \(path)")
  }

  /// Returns the arguments (storage, offset, sizes, strides, …) of the call that would rebuild a tensor.
  private func rebuildArguments(_ value: Pickle.Value) -> [Pickle.Value]? {
    var value = value
    // A tensor may be wrapped in a parameter, and either of them in a subclass.
    for _ in 0..<3 {
      guard let object = pickle.object(value), case .call(var name) = object.kind else {
        return nil
      }
      var arguments = object.items
      if name == "torch._tensor._rebuild_from_type_v2", arguments.count >= 3,
        case .global(let inner)? = pickle.object(arguments[0])?.kind
      {
        name = inner
        arguments = pickle.items(arguments[2]) ?? []
      }
      switch name {
      case "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor": return arguments
      case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state":
        guard let data = arguments.first else { return nil }
        value = data
      default: return nil
      }
    }
    return nil
  }
}

extension Pickle {
  /// Returns a description of a value, for messages.
  func description(of value: Value) -> String {
    guard let object = object(value) else { return "a plain value" }
    return switch object.kind {
    case .call(let name), .opaque(let name): "an object of \(name)"
    case .global(let name): "the name \(name)"
    case .list, .tuple, .dictionary: "a \(object.kind)"
    case .persistent: "a storage"
    }
  }
}

/// The contents of a pickle: plain values, and a record of each object that Python would create.
///
/// Nothing is created, imported or called. Objects refer to each other by index, so shared objects are stored once, and
/// cycles and deep nesting are harmless. Code that follows references must limit their number.
struct Pickle: Sendable {
  /// A plain value, or a reference to an object.
  enum Value: Sendable {
    case nothing
    case bool(Bool)
    case integer(Int)
    case float(Double)
    case text(String)
    /// An index in `objects`.
    case object(Int)
  }

  /// A record of an object that Python would create.
  struct Object: Sendable {
    enum Kind: Sendable, Equatable {
      case list
      case tuple
      /// Alternating keys and values.
      case dictionary
      /// A name that Python would import.
      case global(String)
      /// A function or class that Python would call with the items as arguments.
      case call(String)
      /// An object stored elsewhere in the file's container; its only item identifies it.
      case persistent
      /// Any other object, with its description.
      case opaque(String)
    }

    var kind: Kind
    var items: [Value] = []
  }

  let root: Value
  let objects: [Object]

  /// Returns the object that a value refers to, or nil for a plain value.
  func object(_ value: Value?) -> Object? {
    if case .object(let index) = value { objects[index] } else { nil }
  }

  /// Returns the items of a list or tuple, or nil for another value.
  func items(_ value: Value?) -> [Value]? {
    guard let object = object(value), object.kind == .list || object.kind == .tuple else {
      return nil
    }
    return object.items
  }

  /// Returns the items of a list or tuple of integers, or nil for another value.
  func integers(_ value: Value?) -> [Int]? {
    guard let items = items(value) else { return nil }
    let numbers = items.compactMap(\.integer)
    return numbers.count == items.count ? numbers : nil
  }

  /// Returns the entries of a dictionary in the order of the file, or nil for another value.
  func pairs(_ value: Value?) -> [(key: Value, value: Value)]? {
    guard let object = object(value), object.kind == .dictionary else { return nil }
    return stride(from: 0, to: object.items.count - 1, by: 2).map {
      (object.items[$0], object.items[$0 + 1])
    }
  }
}

extension Pickle.Value {
  var integer: Int? { if case .integer(let number) = self { number } else { nil } }
  var text: String? { if case .text(let text) = self { text } else { nil } }
}

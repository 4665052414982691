/// What a pickle describes: plain values, and for each object that Python would make a record of how.
///
/// Nothing is made, imported or called. Objects refer to one another by number, so that shared ones exist once
/// and cycles and deep nesting are harmless; whoever follows references must bound how far.
struct Pickle: Sendable {
  enum Value: Sendable {
    case nothing
    case bool(Bool)
    case integer(Int)
    case float(Double)
    case text(String)
    /// A place in `objects`.
    case object(Int)
  }

  struct Object: Sendable {
    enum Kind: Sendable, Equatable {
      case list
      case tuple
      /// Keys and values by turns.
      case dictionary
      /// A name that Python would import.
      case global(String)
      /// A function or class that Python would call with the items.
      case call(String)
      /// What the file's container resolves: one item, which names it.
      case persistent
      /// Anything else; the text says what.
      case opaque(String)
    }

    var kind: Kind
    var items: [Value] = []
  }

  let root: Value
  let objects: [Object]

  func object(_ value: Value?) -> Object? {
    if case .object(let index) = value { objects[index] } else { nil }
  }

  /// The items of a list or tuple.
  func items(_ value: Value?) -> [Value]? {
    guard let object = object(value), object.kind == .list || object.kind == .tuple else {
      return nil
    }
    return object.items
  }

  /// A list or tuple of whole numbers.
  func integers(_ value: Value?) -> [Int]? {
    guard let items = items(value) else { return nil }
    let numbers = items.compactMap(\.integer)
    return numbers.count == items.count ? numbers : nil
  }

  /// The entries of a dictionary in the order of the file.
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

/// Opcodes for lists, tuples, dictionaries, and for imports and calls, which are only recorded.
extension PickleMachine {
  mutating func stepCollection(_ opcode: Unicode.Scalar) throws(ModelError) {
    switch opcode {
    case "]": push(.list)
    case ")": push(.tuple)
    case "}": push(.dictionary)
    case "\u{8f}": push(.opaque("a set"))
    case "l": push(.list, try popMarked())
    case "t": push(.tuple, try popMarked())
    case "\u{85}": push(.tuple, try pop(1))
    case "\u{86}": push(.tuple, try pop(2))
    case "\u{87}": push(.tuple, try pop(3))
    case "d":
      let items = try popMarked()
      push(.dictionary)
      try fill(.dictionary, with: items)
    case "\u{91}":
      _ = try popMarked()
      push(.opaque("a set"))
    case "a": try fill(.list, with: pop(1))
    case "e": try fill(.list, with: popMarked())
    case "s": try fill(.dictionary, with: pop(2))
    case "u": try fill(.dictionary, with: popMarked())
    case "\u{90}": try fill(.opaque("a set"), with: popMarked())
    default: try stepCall(opcode)
    }
  }

  /// Adds items to the object on top of the stack; an object that only Python could create keeps none.
  private mutating func fill(
    _ kind: Pickle.Object.Kind, with items: [Pickle.Value]
  ) throws(ModelError) {
    guard case .object(let index) = try top() else {
      throw reader.failure("adds items to a value that cannot hold any")
    }
    switch objects[index].kind {
    case .list, .dictionary:
      guard objects[index].kind == kind, kind == .list || items.count % 2 == 0 else {
        throw reader.failure("adds items of the wrong kind to an object")
      }
      objects[index].items += items
    case .tuple, .persistent:
      throw reader.failure("adds items to an object that cannot hold any")
    case .global, .call, .opaque: break
    }
  }

  private mutating func stepCall(_ opcode: Unicode.Scalar) throws(ModelError) {
    switch opcode {
    case "c": push(.global("\(try reader.line()).\(try reader.line())"))
    case "\u{93}":
      let names = try pop(2).compactMap(\.text)
      guard names.count == 2, names.allSatisfy({ $0.utf8.count <= 128 }) else {
        throw reader.failure("imports a value that is not a name")
      }
      push(.global(names.joined(separator: ".")))
    case "R", "\u{81}":
      let parts = try pop(2)
      call(parts[0], with: Self.tuple(parts[1], in: objects))
    case "\u{92}":
      let parts = try pop(3)
      call(parts[0], with: nil)
    case "i":
      let name = "\(try reader.line()).\(try reader.line())"
      push(.call(name), try popMarked())
    case "o":
      let parts = try popMarked()
      guard let callee = parts.first else { throw reader.failure("makes a call without a callee") }
      call(callee, with: Array(parts.dropFirst()))
    case "b":
      _ = try pop()
      // The effect of `__setstate__` is unknown; the items of a dictionary are set by other opcodes.
      if case .object(let index) = try top(), objects[index].kind != .dictionary {
        objects[index] = Pickle.Object(kind: .opaque(name(of: .object(index))))
      }
    case "P": push(.persistent, [.text(try reader.line())])
    case "Q": push(.persistent, try pop(1))
    case "\u{82}": push(.opaque("extension \(try reader.integer(UInt8.self))"))
    case "\u{83}": push(.opaque("extension \(try reader.integer(UInt16.self))"))
    case "\u{84}": push(.opaque("extension \(try reader.integer(UInt32.self))"))
    default:
      throw reader.failure("has the unknown opcode 0x\(String(opcode.value, radix: 16))")
    }
  }

  private static func tuple(_ value: Pickle.Value, in objects: [Pickle.Object]) -> [Pickle.Value]? {
    guard case .object(let index) = value, objects[index].kind == .tuple else { return nil }
    return objects[index].items
  }

  private mutating func call(_ callee: Pickle.Value, with items: [Pickle.Value]?) {
    guard case .object(let index) = callee, case .global(let name) = objects[index].kind,
      let items
    else { return push(.opaque(name(of: callee))) }
    guard name == "collections.OrderedDict" else { return push(.call(name), items) }
    // Python 2 passed the items as a list of pairs. The list is moved, not copied, because many calls might share a
    // large one.
    var entries: [Pickle.Value] = []
    if case .object(let list)? = items.first, objects[list].kind == .list {
      for case .object(let pair) in objects[list].items where objects[pair].items.count == 2 {
        entries += objects[pair].items
      }
      objects[list].items = []
    }
    push(.dictionary, entries)
  }

  private func name(of value: Pickle.Value) -> String {
    guard case .object(let index) = value else { return "a plain value" }
    return switch objects[index].kind {
    case .global(let name), .call(let name), .opaque(let name): name
    case .list, .tuple, .dictionary, .persistent: "\(objects[index].kind)"
    }
  }
}

import FoundationEssentials

/// A reader of pickles of protocol 0 to 5 that executes nothing.
///
/// A pickle is a program for a stack machine that may import and call anything. Here, imports and calls become records
/// in `Pickle.objects`. Each opcode takes constant memory, or as much as its bytes in the file, and the number of
/// opcodes is limited. Source: the opcodes as documented in Python's `pickletools`.
struct PickleMachine {
  /// The maximum number of opcodes; a checkpoint of a thousand tensors with optimizer state has fewer than 100,000.
  private static let opcodeLimit = 1 << 20

  var reader: ByteReader
  private var stack: [Pickle.Value] = []
  /// The stack sizes at which groups of items begin.
  private var marks: [Int] = []
  private var memo: [Int: Pickle.Value] = [:]
  var objects: [Pickle.Object] = []

  init(_ reader: ByteReader) { self.reader = reader }

  /// Reads one pickle and leaves `reader` at its end, where another may follow.
  static func read(_ reader: inout ByteReader) throws(ModelError) -> Pickle {
    var machine = PickleMachine(reader)
    let root = try machine.run()
    reader = machine.reader
    return Pickle(root: root, objects: machine.objects)
  }

  private mutating func run() throws(ModelError) -> Pickle.Value {
    for _ in 0..<Self.opcodeLimit {
      let opcode = Unicode.Scalar(try reader.integer(UInt8.self))
      if opcode == "." { return try pop() }
      try step(opcode)
    }
    throw reader.failure("has more than \(Self.opcodeLimit) opcodes")
  }

  mutating func push(_ value: Pickle.Value) { stack.append(value) }

  mutating func push(_ kind: Pickle.Object.Kind, _ items: [Pickle.Value] = []) {
    objects.append(Pickle.Object(kind: kind, items: items))
    stack.append(.object(objects.count - 1))
  }

  /// Returns the value on top of the stack, above the last mark.
  func top() throws(ModelError) -> Pickle.Value {
    guard stack.count > marks.last ?? 0, let value = stack.last else {
      throw reader.failure("pops a value from an empty stack")
    }
    return value
  }

  mutating func pop() throws(ModelError) -> Pickle.Value {
    let value = try top()
    stack.removeLast()
    return value
  }

  mutating func pop(_ count: Int) throws(ModelError) -> [Pickle.Value] {
    guard stack.count - (marks.last ?? 0) >= count else {
      throw reader.failure("pops a value from an empty stack")
    }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  /// Removes and returns all values above the last mark, and the mark.
  mutating func popMarked() throws(ModelError) -> [Pickle.Value] {
    guard let mark = marks.popLast() else {
      throw reader.failure("has no mark where one is expected")
    }
    defer { stack.removeSubrange(mark...) }
    return Array(stack[mark...])
  }

  /// Executes opcodes for the stack and the protocol; all others are passed on to the next functions.
  private mutating func step(_ opcode: Unicode.Scalar) throws(ModelError) {
    switch opcode {
    case "(": marks.append(stack.count)
    case "0":
      if let mark = marks.last, mark == stack.count { marks.removeLast() } else { _ = try pop() }
    case "1": _ = try popMarked()
    case "2": push(try top())
    case "\u{80}":
      let version = try reader.integer(UInt8.self)
      guard version <= 5 else {
        throw reader.failure("has protocol \(version), expected 0 to 5")
      }
    case "\u{95}": _ = try reader.integer(UInt64.self)  // a frame length, not needed
    default: try stepMemo(opcode)
    }
  }

  private mutating func stepMemo(_ opcode: Unicode.Scalar) throws(ModelError) {
    switch opcode {
    case "p": memo[try number()] = try top()
    case "q": memo[Int(try reader.integer(UInt8.self))] = try top()
    case "r": memo[Int(try reader.integer(UInt32.self))] = try top()
    case "\u{94}": memo[memo.count] = try top()
    case "g": push(try recall(number()))
    case "h": push(try recall(Int(reader.integer(UInt8.self))))
    case "j": push(try recall(Int(reader.integer(UInt32.self))))
    default: try stepNumber(opcode)
    }
  }

  private func recall(_ place: Int) throws(ModelError) -> Pickle.Value {
    guard let value = memo[place] else {
      throw reader.failure("refers to object \(place), which is not in the memo")
    }
    return value
  }

  /// Reads a line with a decimal number.
  mutating func number() throws(ModelError) -> Int {
    let line = try reader.line()
    guard let number = Int(line) else {
      throw reader.failure("has other text where a number is expected")
    }
    return number
  }
}

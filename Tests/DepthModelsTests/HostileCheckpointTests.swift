import DepthModels
import Foundation
import Tensors
import TestSupport
import Testing

/// Malicious files: each is an error, nothing is executed, and memory use is bounded by the size of the file.
@Suite struct HostileCheckpointTests {
  func refusal(of bytes: Data) -> ModelError? {
    #expect(throws: ModelError.self) { try TorchCheckpoint(bytes, path: "x.pth") }
  }

  @Test(arguments: [
    "cos\nsystem\n(S'touch pwned'\ntR.",
    "S'os'\nS'system'\n\u{93}S'touch pwned'\n\u{85}R.",
    "(S'touch pwned'\nios\nsystem\n.",
    "(cposix\nsystem\nS'touch pwned'\no.",
    "c__builtin__\neval\nS'1'\n\u{85}\u{81}.",
    "cbuiltins\neval\n(S'1'\nt}\u{92}.",
    "cos\nsystem\n)\u{81}}S'a'\nS'b'\nsb.",
    "cos\nsystem\n(S'x'\ntR}S'__setstate__'\ncos\nsystem\nsb.",
    "\u{82}\u{01}.",
    "cos\nsystem\n.",
  ])
  func `a pickle that calls the system is an error`(pickle: String) {
    let bytes = Data(pickle.unicodeScalars.map { UInt8($0.value) })
    let error = refusal(of: Pickles.legacy(bytes))
    #expect(error?.kind == .badData)
    #expect(error?.message.contains("expected a dictionary of tensors") == true, "\(error!)")
  }

  @Test func `a call among tensors is listed as an entry that cannot be read`() throws {
    let bytes = Pickles.legacy(
      "}(S'w'\n\(Pickles.tensor())S'evil'\ncos\nsystem\n(S'touch pwned'\ntRu.", storage: [1, 2])
    let file = try TorchCheckpoint(bytes, path: "x")
    #expect(file.stored["evil"]?.type == "an object of os.system")
    let error = #expect(throws: ModelError.self) { try file.tensor("evil") }
    #expect(error?.message.contains("evil is stored as an object of os.system") == true)
  }

  @Test(arguments: [
    ("h\u{05}.", "refers to object 5"),
    ("g7\n.", "refers to object 7"),
    ("0.", "empty stack"), (".", "empty stack"), ("1.", "no mark"), ("R.", "empty stack"),
    ("(0.", "empty stack"), ("t.", "no mark"), ("(a.", "empty stack"), ("o.", "no mark"),
    ("(o.", "without a callee"),
    ("Na.", "empty stack"), ("NNa.", "cannot hold any"), (")Na.", "cannot hold any"),
    ("]NNs.", "wrong kind"), ("}(Nu.", "wrong kind"),
    ("X\u{ff}\u{ff}\u{ff}\u{7f}a.", "declares 2147483647 bytes"),
    ("T\u{ff}\u{ff}\u{ff}\u{ff}a.", "declares -1 bytes"),
    ("\u{8b}\u{ff}\u{ff}\u{ff}\u{7f}.", "declares 2147483647 bytes"),
    ("\u{8b}\u{00}\u{00}\u{00}\u{80}.", "declares -2147483648 bytes"),
    ("\u{8e}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}.", "declares 18446744073709551615"),
    ("\u{80}\u{09}.", "protocol 9"), ("\u{ff}.", "unknown opcode 0xff"),
    ("I1.", "unterminated line"), ("Fx\n.", "a number is expected"), ("NN\u{93}.", "not a name"),
    ("\u{97}.", "unknown opcode 0x97"),
  ])
  func `an invalid pickle is an error`(pickle: String, message: String) {
    let bytes = Data(pickle.unicodeScalars.map { UInt8($0.value) })
    let error = refusal(of: Pickles.legacy(bytes))
    #expect(error?.message.contains(message) == true, "\(error!)")
  }

  @Test func `nesting, cycles and repetition cost no more than their size in the file`() {
    let million = 1_000_000
    _ = refusal(
      of: Pickles.legacy(
        String(repeating: "]", count: million) + String(repeating: "a", count: million)))
    _ = refusal(
      of: Pickles.legacy(
        String(repeating: "(", count: million) + String(repeating: "t", count: million)))
    _ = refusal(of: Pickles.legacy("]p0\ng0\na."))
    _ = refusal(of: Pickles.legacy("}p0\nS'model'\ng0\ns."))
    // Doubling a list thirty times would give a billion items.
    let doubling = (0..<30).map { "(g\($0)\ng\($0)\ntp\($0 + 1)\n0" }.joined()
    _ = refusal(of: Pickles.legacy("]p0\n0" + doubling + "g30\n."))
    // One long name that is imported and joined repeatedly.
    let name = "S'" + String(repeating: "x", count: 1 << 20) + "'\np0\n"
    let error = refusal(of: Pickles.legacy(Data((name + "g0\n").utf8) + Data([0x93, 0x2e])))
    #expect(error?.message.contains("imports a value that is not a name") == true)
    let endless = refusal(of: Pickles.legacy(String(repeating: "N", count: 1 << 21)))
    #expect(endless?.message.contains("opcodes") == true)
  }

  @Test(arguments: [
    (Pickles.tensor(offset: 1), "from element 1 on, but its storage has 2"),
    (Pickles.tensor(offset: -1), "from element -1 on"),
    (Pickles.tensor(offset: .max), "its storage has 2"),
    (Pickles.tensor(shape: [3]), "its storage has 2"),
    (Pickles.tensor(shape: [-1]), "w in x.pth is [-1]"),
    (Pickles.tensor(shape: [2, 2], strides: [.max, 1]), "its storage has 2"),
    (Pickles.tensor(shape: [2], strides: [-1]), "strides [-1]"),
    (Pickles.tensor(shape: [2, 1], strides: [1]), "strides [1]"),
    (Pickles.tensor(shape: [1 << 40], strides: [0]), "its storage has 2"),
    (Pickles.tensor(shape: [1 << 32, 1 << 32], strides: [0, 0]), "4294967296"),
    (Pickles.tensor(shape: [0, 1 << 62, 1 << 62], strides: [0, 0, 0]), "4611686018427387904"),
    (Pickles.tensor(count: 3), "2 elements of the storage 0, expected 3"),
    (Pickles.tensor(count: .max), "expected 9223372036854775807"),
    (Pickles.tensor(count: -2), "unsupported identifier"),
    (Pickles.tensor(type: "DoubleStorage"), "elements of the storage 0"),
    (Pickles.tensor(type: "StrangeStorage"), "unknown class torch.StrangeStorage"),
    (Pickles.tensor(key: "1"), "a storage that no tensor uses"),
  ])
  func `the error for a tensor outside its storage names it`(tensor: String, message: String) {
    let error = refusal(of: Pickles.legacy("}S'w'\n\(tensor)s.", storage: [1, 2]))
    #expect(error?.message.contains(message) == true, "\(error!)")
  }

  @Test func `the stride of an axis with one element may have any value`() throws {
    let tensor = Pickles.tensor(shape: [1, 2], strides: [.max, 1])
    let file = try TorchCheckpoint(
      Pickles.legacy("}S'w'\n\(tensor)s.", storage: [1, 2]), path: "x")
    #expect(try file.tensor("w") == Tensor([1, 2], [1, 2]))
  }

  @Test func `a repeated name is an error`() {
    let tensor = Pickles.tensor()
    let error = refusal(
      of: Pickles.legacy("}(S'w'\n\(tensor)S'w'\n\(tensor)u.", storage: [1, 2]))
    #expect(error?.message == "w is in x.pth twice")
  }

  static let pickle = Pickles.Entry(
    name: "x/data.pkl", bytes: Data("}S'w'\n\(Pickles.tensor())s.".utf8))
  static let storage = Pickles.Entry(name: "x/data/0", bytes: Data(count: 8))

  @Test(arguments: [
    ([pickle], "the storage 0 is missing"),
    ([storage], "with 0 data.pkl"),
    ([pickle, storage, .init(name: "y/data.pkl", bytes: Data("N.".utf8))], "with 2 data.pkl"),
    ([pickle, storage, storage], "x/data/0 is in x.pth twice"),
    ([pickle, .init(name: "x/data/0", bytes: Data(count: 4))], "has 4 bytes"),
    ([pickle, .init(name: "x/data/0", bytes: Data(count: 8), method: 8)], "compressed"),
    ([pickle, .init(name: "x/data/0", bytes: Data(), size: 1 << 31)], "beyond the file's entries"),
    ([pickle, .init(name: "x/data/0", bytes: Data(), offset: 1 << 31)], "beyond the file's"),
    ([pickle, .init(name: "x/data/0", bytes: Data(count: 8), size: 8, offset: 0)], "overlaps"),
    ([pickle, .init(name: "x/data/0", bytes: Data(count: 8), offset: 1)], "has no header"),
    ([pickle, storage, .init(name: "x/byteorder", bytes: Data("big".utf8))], "little-endian"),
  ])
  func `an inconsistent zip file is an error`(entries: [Pickles.Entry], message: String) {
    let error = refusal(of: Pickles.zip(entries))
    #expect(error?.message.contains(message) == true, "\(error!)")
  }

  @Test func `a consistent zip file is read`() throws {
    let file = try TorchCheckpoint(Pickles.zip([Self.storage, Self.pickle]), path: "x")
    #expect(try file.tensor("w") == Tensor([2]))
  }

  @Test(arguments: ["zip.pth", "legacy.pth"])
  func `a file truncated at any length is an error`(name: String) throws {
    let whole = try Data(contentsOf: URL(fileURLWithPath: "\(TorchCheckpointTests.folder)/\(name)"))
    for count in sample(Array(whole.indices), every: 7) {
      #expect(throws: ModelError.self, "\(count)") {
        try TorchCheckpoint(whole.prefix(count), path: "x")
      }
    }
  }

  @Test(arguments: ["zip.pth", "legacy.pth", "protocol5.pth", "views.pth", "expected.safetensors"])
  func `a damaged file gives values or an error but never a crash`(name: String) throws {
    let whole = try Data(contentsOf: URL(fileURLWithPath: "\(TorchCheckpointTests.folder)/\(name)"))
    try Places.withTemporaryFolder { folder in
      var random = SplitMix64(seed: 42)
      var refused = 0
      for _ in 0..<600 {
        var bytes = whole
        for _ in 0..<1 + Int(random.next() % 3) {
          bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
        }
        try bytes.write(to: URL(fileURLWithPath: folder + "/x"))
        do throws(ModelError) {
          try readAll(folder + "/x")
        } catch {
          refused += error.kind == .badData ? 1 : 0
        }
      }
      #expect(refused > 20)
    }
  }

  func readAll(_ path: String) throws(ModelError) {
    let file = try openCheckpoint(path)
    for name in file.stored.keys.sorted() { _ = try file.tensor(name) }
  }
}

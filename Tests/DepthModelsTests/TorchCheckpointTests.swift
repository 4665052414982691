import DepthModels
import Foundation
import Tensors
import Testing

@Suite struct TorchCheckpointTests {
  static let folder = Places.tests.appending(path: "Fixtures").path

  static func open(_ name: String) throws -> any CheckpointFile {
    try openCheckpoint("\(folder)/\(name)")
  }

  @Test(arguments: ["zip.pth", "legacy.pth", "protocol5.pth", "flat.pth"])
  func `tensors read from a checkpoint equal those that PyTorch reads`(name: String) throws {
    let expected = try Self.open("expected.safetensors")
    let found = try Self.open(name)
    #expect(expected.stored.count == 14)
    #expect(
      Set(found.stored.keys)
        == Set(expected.stored.keys).union(["num_batches_tracked", "integers", "flags"]))
    for name in expected.stored.keys {
      let (ours, theirs) = try (found.tensor(name), expected.tensor(name))
      #expect(ours.shape == theirs.shape, "\(name)")
      #expect(ours.scalars.map(\.bitPattern) == theirs.scalars.map(\.bitPattern), "\(name)")
    }
  }

  @Test(arguments: ["zip.pth", "legacy.pth"])
  func `integer tensors are listed but are not weights`(name: String) throws {
    let file = try Self.open(name)
    #expect(file.stored["num_batches_tracked"]?.type == "I64")
    #expect(file.stored["integers"]?.type == "I32")
    #expect(file.stored["flags"]?.type == "BOOL")
    #expect(file.stored["double"]?.type == "F64")
    let error = #expect(throws: ModelError.self) { try file.tensor("integers") }
    #expect(error?.message.contains("integers is stored as I32") == true)
  }

  @Test func `a storage in an old file may be a view of another storage`() throws {
    let file = try Self.open("views.pth")
    #expect(try file.tensor("whole") == Tensor([2, 4], [0, 1, 2, 3, 4, 5, 6, 7]))
    #expect(try file.tensor("view") == Tensor([3], [3, 4, 5]))
  }

  @Test func `the error for a pickled module names its class`() throws {
    let error = #expect(throws: ModelError.self) { try Self.open("module.pth") }
    #expect(
      error?.message.contains("state_dict (an object of torch.nn.modules.linear.Linear)") == true)
  }

  @Test func `a file with two networks is an error`() throws {
    let one = "}(S'w'\n" + Pickles.tensor() + "u"
    let bytes = Pickles.legacy("}(S'state_dict'\n\(one)S'model'\n\(one)u.", storage: [1, 2])
    let error = #expect(throws: ModelError.self) { try TorchCheckpoint(bytes, path: "x") }
    #expect(error?.message.contains("several networks") == true, "\(error?.message ?? "")")
  }

  @Test func `an OrderedDict of Python 2, a list of pairs, is a dictionary`() throws {
    let pairs = "ccollections\nOrderedDict\n((l(lS'w'\na\(Pickles.tensor())aatR."
    let bytes = Pickles.legacy(pairs, storage: [1, 2])
    #expect(try TorchCheckpoint(bytes, path: "x").tensor("w") == Tensor([2], [1, 2]))
  }
}

import DepthModels
import Tensors
import Testing

@Suite struct WeightsTests {
  /// Calls `body` with a checkpoint of `blocks.3.qkv` `[4, 2]` and `extra` `[1]`, and with its path.
  func withCheckpoint(_ body: (Weights, String) throws -> Void) throws {
    try Places.withTemporaryFolder { folder in
      let path = folder + "/small.safetensors"
      try Safetensors.write(
        [.init("blocks.3.qkv", Tensor.random([4, 2], seed: 1)), .init("extra", Tensor([1]))],
        to: path)
      try body(Weights(try Safetensors(reading: path)), path)
    }
  }

  @Test func `a scope contains the tensors under its name`() throws {
    try withCheckpoint { weights, _ in
      let tensor = try weights["blocks"][3].tensor("qkv", [4, 2])
      #expect(tensor == Tensor.random([4, 2], seed: 1))
      #expect(weights.byteCount == 32)
    }
  }

  @Test func `the error for a wrong shape names the tensor and both shapes`() throws {
    try withCheckpoint { weights, path in
      let error = #expect(throws: ModelError.self) {
        try weights["blocks"][3].tensor("qkv", [2, 4])
      }
      #expect(error?.message == "blocks.3.qkv is [4, 2] in \(path), expected [2, 4]")
    }
  }

  @Test func `the error for a missing tensor names it`() throws {
    try withCheckpoint { weights, path in
      let error = #expect(throws: ModelError.self) {
        try weights["blocks"][4].tensor("qkv", [4, 2])
      }
      #expect(error?.message == "blocks.4.qkv is missing in \(path)")
    }
  }

  @Test func `an unrequested tensor is an error unless it is known to be unused`() throws {
    try withCheckpoint { weights, _ in
      _ = try weights["blocks"][3].tensor("qkv", [4, 2])
      try weights.finish { $0 == "extra" }
      let error = #expect(throws: ModelError.self) { try weights.finish { _ in false } }
      #expect(error?.message.hasPrefix("extra in ") == true)
    }
  }

  @Test(arguments: [Float.nan, -.nan, .infinity, -.infinity])
  func `a weight that is not finite is an error at any position`(bad: Float) throws {
    try Places.withTemporaryFolder { folder in
      for place in [0, 500, 1000] {
        var x = Tensor([1001], repeating: -.greatestFiniteMagnitude)
        x.withMutableSpan { $0[place] = bad }
        try Safetensors.write([.init("norm.bias", x)], to: "\(folder)/\(place)")
        let weights = Weights(try Safetensors(reading: "\(folder)/\(place)"))
        let error = #expect(throws: ModelError.self) {
          try weights["norm"].tensor("bias", [1001])
        }
        #expect(error?.message.hasPrefix("norm.bias in") == true)
      }
    }
  }
}

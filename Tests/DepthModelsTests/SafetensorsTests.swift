import DepthModels
import Foundation
import Tensors
import Testing

@Suite struct SafetensorsTests {
  @Test func `F32 tensors are written and read back bit-identically`() throws {
    let x = Tensor([2, 3], [0, -0.0, 1.5, .infinity, Float.leastNonzeroMagnitude, -3])
    try Places.withTemporaryFolder { folder in
      try Safetensors.write([.init("a.b", x), .init("empty", Tensor([0, 4]))], to: folder + "/x")
      let file = try Safetensors(reading: folder + "/x")
      #expect(try file.tensor("a.b").scalars.map(\.bitPattern) == x.scalars.map(\.bitPattern))
      #expect(try file.tensor("empty").shape == [0, 4])
      #expect(!Places.exists(folder + "/x.part"))
    }
  }

  @Test(arguments: [(Safetensors.ElementType.f16, Float(0x1p-11)), (.bf16, 0x1p-8)])
  func `16-bit storage rounds to nearest, and rounding is idempotent`(
    type: Safetensors.ElementType, unit: Float
  ) throws {
    let x = Tensor.random([1000], in: -8...8, seed: 1)
    try Places.withTemporaryFolder { folder in
      try Safetensors.write([.init("x", x, as: type)], to: folder + "/1")
      let once = try Safetensors(reading: folder + "/1").tensor("x")
      for (a, b) in zip(x.scalars, once.scalars) { #expect(abs(a - b) <= unit * abs(a) + 1e-7) }
      try Safetensors.write([.init("x", once, as: type)], to: folder + "/2")
      #expect(try Safetensors(reading: folder + "/2").tensor("x") == once)
    }
  }

  @Test func `bfloat16 storage preserves infinities, NaN and signed zero`() throws {
    let x = Tensor([5], [.infinity, -.infinity, .nan, -0.0, 1 + 0x1p-9])
    try Places.withTemporaryFolder { folder in
      try Safetensors.write([.init("x", x, as: .bf16)], to: folder + "/x")
      let back = try Safetensors(reading: folder + "/x").tensor("x").scalars
      #expect(back[0] == .infinity && back[1] == -.infinity && back[2].isNaN)
      #expect(back[3].sign == .minus && back[4] == 1)  // ties are rounded to even
    }
  }

  /// The arguments are a header, the number of bytes of data, and the expected text of the error.
  @Test(arguments: [
    (#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 4, "w lies at bytes [0, 8]"),
    (#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 12, "has 12 bytes of data"),
    (#"{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, 8, "w takes 8 bytes"),
    (#"{"w":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#, 8, "w is [-2]"),
    (
      #"{"w":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}"#, 8,
      "w is [4611686018427387904, 4]"
    ),
    (#"{"w":{"dtype":"F99","shape":[2],"data_offsets":[0,8]}}"#, 8, "unknown type F99"),
    (#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, 8, "w lies at bytes [8, 0]"),
    (
      #"{"v":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"#
        + #""w":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#, 12, "w begins at byte 4"
    ),
    (
      #"{"v":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"#
        + #""w":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}"#, 12, "there is a gap"
    ),
    (
      #"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"#
        + #""w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8, "w is in"
    ),
    (#"{"w":{"dtype":"F32","shape":[1]}}"#, 4, "no valid safetensors header"),
    (#"{"w""#, 4, "no valid safetensors header"),
  ])
  func `the error for an invalid header names what is wrong`(
    header: String, dataCount: Int, message: String
  ) throws {
    try Places.withTemporaryFolder { folder in
      let path = folder + "/bad.safetensors"
      var file = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
      file += Data(header.utf8) + Data(count: dataCount)
      try file.write(to: URL(fileURLWithPath: path))
      let error = #expect(throws: ModelError.self) { try Safetensors(reading: path) }
      #expect(error?.kind == .badData)
      #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
      #expect(error?.message.contains(path) == true)
    }
  }

  @Test(arguments: [0, 7, 8, 30])
  func `a truncated file is an error`(length: Int) throws {
    try Places.withTemporaryFolder { folder in
      try Safetensors.write([.init("x", Tensor([4]))], to: folder + "/whole")
      let part = try Data(contentsOf: URL(fileURLWithPath: folder + "/whole")).prefix(length)
      try part.write(to: URL(fileURLWithPath: folder + "/part"))
      let error = #expect(throws: ModelError.self) { try Safetensors(reading: folder + "/part") }
      #expect(error?.kind == .badData)
    }
  }

  @Test func `metadata and integers are allowed, but integers are not weights`() throws {
    try Places.withTemporaryFolder { folder in
      let header =
        #"{"__metadata__":{"format":"pt"},"n":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}"#
      var file = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
      file += Data(header.utf8) + Data(count: 8)
      try file.write(to: URL(fileURLWithPath: folder + "/x"))
      let checkpoint = try Safetensors(reading: folder + "/x")
      let error = #expect(throws: ModelError.self) { try checkpoint.tensor("n") }
      #expect(error?.message.contains("n is stored as I64") == true)
    }
  }

  @Test func `a missing file is an error of kind noInput`() {
    let error = #expect(throws: ModelError.self) { try Safetensors(reading: "/nowhere/x") }
    #expect(error?.kind == .noInput)
  }
}

import DepthModels
import Foundation
import Tensors
import TestSupport
import Testing

@Suite(.serialized) struct ImportTests {
  /// A source of zero tensors with the given names and shapes only.
  struct Zeros: WeightSource {
    let shapes: [String: Shape]
    let label = "zeros"
    var names: Set<String>? { Set(shapes.keys) }

    func tensor(_ name: String, _ shape: Shape) throws -> Tensor {
      guard shapes[name] == shape else {
        throw ModelError(.badData, "\(name) is \(String(describing: shapes[name])), not \(shape)")
      }
      return Tensor(shape)
    }
  }

  static let card = ModelCard(
    name: "test", summary: "", licence: "none", gsdInMeters: 1...2, surface: "DSM")

  @Test(
    .enabled(if: Places.exists(Places.keys), "the lists of names are not next to the checkout"),
    arguments: sample(
      [
        ("d3_vit_vitb_rn50_384", 12, [8, 11]), ("d3_vit_vitb16_384", 12, [2, 5, 8, 11]),
        ("d3_vit_vitl16_384", 16, [5, 11, 17, 23]), ("hf_dpt_hybrid", 12, [8, 11]),
        ("hf_dpt_large", 16, [5, 11, 17, 23]),
      ], every: 3))
  func `every tensor of a published network is used`(
    name: String, heads: Int, hooks: [Int]
  ) throws {
    try Places.withTemporaryFolder { folder in
      let path = folder + "/x.safetensors"
      try Self.writeSparse(Self.tensors(listed: name), to: path)
      let shapes = try CheckpointTensors(Safetensors(reading: path), of: .coarse).shapes
      let architecture = try CoarseArchitecture(
        shapes: shapes, hyperparameters: .init(), normalization: .half, output: .unchanged,
        path: path)
      #expect(architecture.heads == heads)
      #expect(architecture.hooks == hooks)
      let weights = Weights(Zeros(shapes: shapes))
      _ = try DPT(weights, architecture)
      try weights.finish { _ in false }
    }
  }

  /// Returns the names and shapes in a list of keys.
  static func tensors(listed name: String) throws -> [(name: String, dims: [Int])] {
    let list = try String(contentsOfFile: "\(Places.keys)/\(name).tsv", encoding: .utf8)
    return list.split(separator: "\n").map { line in
      let fields = line.split(separator: "\t")
      return (String(fields[0]), fields[1].split(separator: "x").compactMap { Int($0) })
    }
  }

  /// Writes a checkpoint as a sparse file, whose data takes no disk space.
  static func writeSparse(_ tensors: [(name: String, dims: [Int])], to path: String) throws {
    var offset = 0
    let entries = tensors.map { name, dims in
      let start = offset
      offset += 2 * dims.reduce(1, *)
      return
        "\"\(name)\":{\"dtype\":\"F16\",\"shape\":\(dims),\"data_offsets\":[\(start),\(offset)]}"
    }
    let header = "{\(entries.joined(separator: ","))}"
    var file = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
    file += Data(header.utf8)
    try file.write(to: URL(fileURLWithPath: path))
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.truncate(atOffset: UInt64(file.count + offset))
    try handle.close()
  }

  @Test(
    .enabled(if: Places.exists(Places.bootstrap), "the checkpoint is not next to the checkout"))
  func `importing a checkpoint infers its dimensions`() throws {
    try Places.withTemporaryFolder { folder in
      let bundle = try ModelBundle.importing(
        coarse: Places.bootstrap, to: folder + "/bundle", options: ImportOptions(card: Self.card)
      ).bundle
      let coarse = bundle.manifest.coarse
      #expect((coarse.width, coarse.depth, coarse.heads, coarse.hidden) == (192, 6, 3, 768))
      #expect(coarse.hooks == [3, 5] && coarse.neck == [64, 128, 192, 192])
      #expect((coarse.fusion, coarse.head, coarse.positionGrid) == (48, [24, 32], 16))
      #expect(coarse.normalization == .half)
      try bundle.verify()
      let again = #expect(throws: ModelError.self) {
        try ModelBundle.importing(
          coarse: Places.bootstrap, to: folder + "/bundle", options: .init(card: Self.card))
      }
      #expect(again?.kind == .cannotCreate)
      #expect(!Places.exists(folder + "/bundle.part"))
    }
  }

  @Test
  func `tensors can be imported under D3-RSMDE's prefix and stored in half precision`()
    throws
  {
    try Places.withTemporaryFolder { folder in
      let source = try Safetensors(reading: Places.bundle + "/coarse.safetensors")
      try Safetensors.write(
        try source.entries.keys.sorted().map {
          .init("module.rgb_encoder." + $0, try source.tensor($0))
        }, to: folder + "/d3.safetensors")
      let bundle = try ModelBundle.importing(
        coarse: folder + "/d3.safetensors", to: folder + "/bundle",
        options: ImportOptions(card: Self.card, hooks: [3, 5], groups: 16, storage: .f16)
      ).bundle
      #expect(bundle.manifest.coarse.normalization == .raw255)
      #expect(bundle.manifest.coarse.heads == 3)
      let back = try Safetensors(reading: bundle.path(of: .coarse))
      #expect(back.entries.keys.sorted() == source.entries.keys.sorted())
      #expect(back.entries.values.allSatisfy { $0.type == "F16" })
    }
  }

  @Test func `the error for a tensor of another network names it and leaves no files`() throws {
    try Places.withTemporaryFolder { folder in
      try Safetensors.write([.init("unet.conv_in.weight", Tensor([1]))], to: folder + "/x")
      let error = #expect(throws: ModelError.self) {
        try ModelBundle.importing(
          coarse: folder + "/x", to: folder + "/b", options: .init(card: Self.card))
      }
      #expect(error?.message.contains("unet.conv_in.weight") == true)
      #expect(!Places.exists(folder + "/b"))
    }
  }

  @Test(arguments: [
    (#""readout_type": "add""#, "readout_type is add"),
    (#""is_hybrid": true, "backbone_config": {}"#, "embedding_dynamic_padding is false"),
    (
      #""is_hybrid": true, "backbone_config": {"embedding_dynamic_padding": true, "output_stride": 8}"#,
      "output_stride is 8"
    ),
    (#""is_hybrid": true, "backbone_config": {"layer_type": "preactivation"}"#, "layer_type"),
  ])
  func `unsupported settings of a depth network are errors`(
    setting: String, message: String
  ) throws {
    try Places.withTemporaryFolder { folder in
      let json = "{\"model_type\": \"dpt\", \"reassemble_factors\": [4, 2, 1, 0.5], \(setting)}"
      try Data(json.utf8).write(to: URL(fileURLWithPath: folder + "/config.json"))
      try Safetensors.write([.init("x", Tensor([1]))], to: folder + "/model.safetensors")
      let error = #expect(throws: ModelError.self) {
        try ModelBundle.importing(
          coarse: folder, to: folder + "/b", options: .init(card: Self.card))
      }
      #expect(error?.message.contains(message) == true, "\(error!)")
    }
  }
}

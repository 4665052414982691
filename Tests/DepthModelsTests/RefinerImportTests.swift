import DepthModels
import Foundation
import Tensors
import TestModels
import TestSupport
import Testing

/// Tests that import autoencoders and U-Nets into bundles, under every supported naming of tensors.
@Suite(.serialized) struct RefinerImportTests {
  static let vae = AutoencoderArchitecture(
    latentChannels: 4, widths: [32, 32, 64], blocksPerLevel: 1, attendsCoarsestLevel: true,
    latentScale: 0.18215)
  static let unet = DenoiserArchitecture(
    inputs: 8, outputs: 4, width: 32, multipliers: [1, 2], blocksPerLevel: 1, heads: 2,
    attentionReductions: [2])

  /// Returns the formula tensors of a network that `build` creates.
  static func tensors(_ build: (Weights) throws -> Void) throws -> [String: Tensor] {
    try Places.withTemporaryFolder { folder in
      try FormulaCheckpoint(building: build).write(to: folder + "/x")
      let file = try Safetensors(reading: folder + "/x")
      return try file.entries.keys.reduce(into: [:]) { $0[$1] = try file.tensor($1) }
    }
  }

  static func tensors(of vae: AutoencoderArchitecture) throws -> [String: Tensor] {
    try tensors { _ = try AutoencoderKL($0, vae) }
  }

  static func tensors(of unet: DenoiserArchitecture, steps: Int = 6) throws -> [String: Tensor] {
    try tensors { _ = try DenoiseUNet($0, unet, steps: steps) }
  }

  static func write(_ tensors: [String: Tensor], to path: String) throws {
    try Safetensors.write(
      tensors.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) }, to: path)
  }

  /// Returns latent diffusion's name for a diffusers name, independently of the import's translation.
  static func latentDiffusion(_ name: String, levels: Int) -> String {
    var name = name
    for level in 0..<levels {
      name = name.replacing("up_blocks.\(level).", with: "up.\(levels - 1 - level).")
    }
    for (ours, theirs) in [
      ("down_blocks", "down"), ("mid_block.resnets.0", "mid.block_1"),
      ("mid_block.resnets.1", "mid.block_2"), ("mid_block.attentions.0", "mid.attn_1"),
      ("resnets", "block"), ("attentions", "attn"), ("downsamplers.0", "downsample"),
      ("upsamplers.0", "upsample"), ("conv_norm_out", "norm_out"), ("to_out.0", "proj_out"),
      ("conv_shortcut", "nin_shortcut"), ("to_", ""), ("group_norm", "norm"),
    ] { name = name.replacing(ours, with: theirs) }
    return name
  }

  /// Returns the name in older versions of diffusers.
  static func older(_ name: String) -> String {
    name.replacing("to_q", with: "query").replacing("to_k", with: "key")
      .replacing("to_v", with: "value").replacing("to_out.0", with: "proj_attn")
  }

  static func imported(
    _ folder: String, vae: String? = nil, unet: String? = nil,
    _ refiner: ImportOptions.Refiner = .init()
  ) throws -> (bundle: ModelBundle, remarks: [String]) {
    let coarse = Architectures.tinyCoarse
    try write(tensors { _ = try DPT($0, coarse) }, to: folder + "/coarse")
    return try ModelBundle.importing(
      coarse: folder + "/coarse", vae: vae, unet: unet, to: folder + "/bundle",
      options: ImportOptions(
        card: ImportTests.card, heads: coarse.heads, hooks: coarse.hooks, refiner: refiner))
  }

  enum Naming: CaseIterable { case diffusers, older, latentDiffusion, whole }

  @Test(arguments: Naming.allCases)
  func `an autoencoder imported under any naming gives the same heights`(naming: Naming) throws {
    try Places.withTemporaryFolder { folder in
      var stored: [String: Tensor] = [:]
      for (name, tensor) in try Self.tensors(of: Self.vae) {
        let isMatrix = name.contains("attentions") && tensor.shape.rank == 2
        let image = isMatrix ? tensor.reshaped(Shape(tensor.shape.dims + [1, 1])) : tensor
        let theirs = Self.latentDiffusion(name, levels: 3)
        switch naming {
        case .diffusers: stored[name] = tensor
        case .older: stored[Self.older(name)] = tensor
        case .latentDiffusion: stored[theirs] = image
        case .whole: stored["first_stage_model." + theirs] = image
        }
      }
      switch naming {
      case .whole:
        for other in ["model.diffusion_model.out.2.bias", "cond_stage_model.x", "betas"] {
          stored[other] = Tensor([1])
        }
      case .latentDiffusion: stored["loss.perceptual_loss.lin0.weight"] = Tensor([1])
      default: break
      }
      try Self.write(stored, to: folder + "/vae")
      try Self.write(
        Dictionary(
          uniqueKeysWithValues: Self.tensors(of: Self.unet).map {
            ("denoise_model.module." + $0.key, $0.value)
          }), to: folder + "/unet")
      let (bundle, said) = try Self.imported(
        folder, vae: folder + "/vae", unet: folder + "/unet", .init(heads: 2))

      let refiner = try #require(bundle.manifest.refiner)
      #expect(refiner.autoencoder == Self.vae)
      #expect(refiner.denoiser == Self.unet)
      #expect(refiner.blending.steps == 6)
      let remarks = said.joined()
      for part in ["1 of model.diffusion_model", "1 of cond_stage_model", "1 of betas"] {
        #expect(remarks.contains(part) == (naming == .whole))
      }
      // Two heads were given; the groups and the scale are in no file here, so they are assumed.
      #expect(!remarks.contains("heads") && remarks.contains("the autoencoder has 32 groups"))
      #expect(remarks.contains("multiplied by 0.18215"))
      #expect(remarks.contains("1 of loss") == (naming == .latentDiffusion))

      let original = try LatentRefiner(
        vae: Weights(FormulaWeights()), unet: Weights(FormulaWeights()), refiner)
      let model = try D3RSMDE(bundle)
      let image = Tensor.random([1, 16, 16, 3], in: 0...255, seed: 1)
      let coarse = Tensor.random([1, 16, 16, 1], in: 0...1, seed: 2)
      #expect(
        try #require(model.refiner).refine(coarse, image: image, options: .init(steps: 6), seed: 42)
          == original.refine(coarse, image: image, options: .init(steps: 6), seed: 42))
    }
  }

  @Test(.enabled(if: Places.exists(Places.keys), "the lists of names are not next to the checkout"))
  func `every tensor of the published autoencoders is used`() throws {
    for (name, expected) in [
      ("aekl_diffusers", Architectures.autoencoderKL), ("vavae_f16d32", Architectures.vaVAE),
    ] {
      let shapes = try Self.shapes(name, as: .vae)
      let found = try AutoencoderArchitecture(shapes: shapes, hyperparameters: .init(), path: name)
      #expect(found == expected)
      let weights = Weights(ImportTests.Zeros(shapes: shapes))
      _ = try AutoencoderKL(weights, found)
      try weights.finish { _ in false }
    }
  }

  @Test(
    .enabled(if: Places.exists(Places.keys), "the lists of names are not next to the checkout"),
    arguments: sample(
      Architectures.denoisers.keys.filter { $0 != "unet_sin_tiny32" }.sorted(), every: 3))
  func `every tensor of a published U-Net is used`(name: String) throws {
    let shapes = try Self.shapes(name, as: .unet)
    let expected = try #require(Architectures.denoisers[name])
    let found = try DenoiserArchitecture(
      shapes: shapes, heads: name == "unet_tiny32" ? 2 : nil, path: name)
    #expect(found == expected)
    let weights = Weights(ImportTests.Zeros(shapes: shapes))
    _ = try DenoiseUNet(weights, found, steps: 6)
    try weights.finish { _ in false }
  }

  @Test(
    .enabled(if: Places.exists(Places.keys), "the lists of names are not next to the checkout"),
    arguments: ["marigold_unet_sd2", "diffusers_unet2d_equiv"])
  func `the error for a U-Net of diffusers says what it is`(name: String) throws {
    let error = #expect(throws: ModelError.self) { try Self.shapes(name, as: .unet) }
    #expect(error?.message.contains("is a U-Net of diffusers") == true)
  }

  static func shapes(_ list: String, as stage: Manifest.Stage) throws -> [String: Shape] {
    try Places.withTemporaryFolder { folder in
      try ImportTests.writeSparse(ImportTests.tensors(listed: list), to: folder + "/x")
      return try CheckpointTensors(openCheckpoint(folder + "/x"), of: stage).shapes
    }
  }

  @Test func `the error for a DC-AE says what it is`() throws {
    try Places.withTemporaryFolder { folder in
      try Self.write(
        ["encoder.stages.0.op_list.0.main.conv1.conv.weight": Tensor([1])], to: folder + "/x")
      let error = #expect(throws: ModelError.self) {
        try CheckpointTensors(openCheckpoint(folder + "/x"), of: .vae)
      }
      #expect(error?.message.contains("is a DC-AE") == true)
    }
  }

  @Test func `the number of steps of a sinusoidal embedding comes from the options`() throws {
    try Places.withTemporaryFolder { folder in
      let pixels = DenoiserArchitecture(
        inputs: 4, outputs: 1, width: 32, multipliers: [1, 2], blocksPerLevel: 1, heads: 4,
        attentionReductions: [2], time: .sinusoidal)
      try Self.write(Self.tensors(of: pixels, steps: 9), to: folder + "/unet")
      let refiner = try #require(
        try Self.imported(folder, unet: folder + "/unet", .init(steps: 9)).bundle.manifest.refiner)
      #expect(refiner.denoiser == pixels)
      #expect(refiner.autoencoder == nil)
      #expect(refiner.blending.steps == 9)
    }
  }

  @Test func `the error for networks that do not match names the channels of both`() throws {
    try Places.withTemporaryFolder { folder in
      var wide = Self.vae
      wide.latentChannels = 32
      try Self.write(Self.tensors(of: wide), to: folder + "/wide")
      try Self.write(Self.tensors(of: Self.unet), to: folder + "/unet")
      var pixels = Self.unet
      (pixels.inputs, pixels.outputs) = (4, 1)
      try Self.write(Self.tensors(of: pixels), to: folder + "/pixels")
      func message(
        _ vae: String?, _ unet: String?, _ options: ImportOptions.Refiner = .init(heads: 2)
      ) -> String {
        let error = #expect(throws: ModelError.self) {
          try Self.imported(
            folder, vae: vae.map { folder + $0 }, unet: unet.map { folder + $0 }, options)
        }
        #expect(!Places.exists(folder + "/bundle"))
        return error?.message ?? ""
      }
      #expect(
        message("/wide", "/unet").contains(
          "has 8 input channels and 4 output channels, but the latents"))
      #expect(message("/wide", "/unet").contains("have 32: expected 64 and 32"))
      #expect(message(nil, "/unet").contains("needs one whose latents have 4 channels"))
      #expect(
        message("/wide", "/pixels").contains("has 4 input channels and 1 output channels"))
      #expect(message("/wide", nil).contains("give a U-Net with it"))
      #expect(
        message("/wide", "/unet", .init(heads: 2, steps: 5)).contains("expected 64 and 32"))
      #expect(message(nil, "/pixels", .init(steps: 5)).contains("was trained for 6"))
      #expect(message(nil, "/pixels", .init(heads: 5)).contains("refiner.denoiser.heads is 5"))
      #expect(message("/unet", "/unet").contains("not a tensor of any supported vae network"))
      #expect(message(nil, "/wide").contains("not a tensor of any supported unet network"))
    }
  }

  @Test func `weights that are not finite create no bundle`() throws {
    try Places.withTemporaryFolder { folder in
      var pixels = Self.unet
      (pixels.inputs, pixels.outputs) = (4, 1)
      var tensors = try Self.tensors(of: pixels)
      tensors["out.2.bias"] = Tensor([1], [.nan])
      try Self.write(tensors, to: folder + "/unet")
      let error = #expect(throws: ModelError.self) {
        try Self.imported(folder, unet: folder + "/unet", .init(heads: 2))
      }
      #expect(error?.message.contains("out.2.bias") == true)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["coarse", "unet"])
    }
  }

  @Test(arguments: [
    (#""act_fn": "relu""#, "act_fn is relu"), (#""use_quant_conv": false"#, "use_quant_conv"),
    (#""shift_factor": 0.1"#, "shift_factor is 0.1"), (#""latents_mean": [1]"#, "latents_mean"),
    (#""mid_block_add_attention": false"#, "mid_block_add_attention"),
    (
      #""down_block_types": ["AttnDownEncoderBlock2D", "DownEncoderBlock2D"]"#, "down_block_types"
    ),
    (#""_class_name": "AutoencoderDC""#, "_class_name is AutoencoderDC"),
  ])
  func `unsupported settings of an autoencoder are errors`(
    setting: String, message: String
  ) throws {
    try Places.withTemporaryFolder { folder in
      try Self.write(
        Self.tensors(of: Self.vae), to: folder + "/diffusion_pytorch_model.safetensors")
      try Self.write(Self.tensors(of: Self.unet), to: folder + "/unet")
      let name = setting.contains("_class_name") ? "" : #""_class_name": "AutoencoderKL", "#
      try Data("{\(name)\(setting)}".utf8).write(
        to: URL(fileURLWithPath: folder + "/config.json"))
      let error = #expect(throws: ModelError.self) {
        try Self.imported(folder, vae: folder, unet: folder + "/unet", .init(heads: 2))
      }
      #expect(error?.message.contains(message) == true, "\(error!)")
    }
  }

  @Test func `a folder may contain its weights in shards`() throws {
    try Places.withTemporaryFolder { folder in
      let tensors = try Self.tensors(of: Self.vae)
      let (first, second) = ("a-of-2.safetensors", "b-of-2.safetensors")
      func shard(_ name: String) -> String { name.hasPrefix("encoder") ? first : second }
      for file in [first, second] {
        try Self.write(tensors.filter { shard($0.key) == file }, to: "\(folder)/\(file)")
      }
      let map = Dictionary(uniqueKeysWithValues: tensors.keys.map { ($0, shard($0)) })
      try JSONEncoder().encode(["weight_map": map]).write(
        to: URL(
          fileURLWithPath: folder + "/diffusion_pytorch_model.safetensors.index.json"))
      try Data(#"{"_class_name": "AutoencoderKL", "scaling_factor": 0.5}"#.utf8).write(
        to: URL(fileURLWithPath: folder + "/config.json"))
      try Self.write(Self.tensors(of: Self.unet), to: folder + "/unet")
      let made = try Self.imported(folder, vae: folder, unet: folder + "/unet", .init(heads: 2))
      var expected = Self.vae
      expected.latentScale = 0.5
      #expect(made.bundle.manifest.refiner?.autoencoder == expected)
    }
  }
}

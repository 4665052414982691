import DepthModels
import Tensors
import TestModels
import Testing

/// Comparison of the refiner's networks with PyTorch, with formula weights.
@Suite(.serialized) struct RefinerGoldenTests {
  static let records = Golden.records(in: "refiner.json")
  static let denoiserNames = records.keys.filter { $0.hasPrefix("unet_") }.sorted()

  @Test func `there are records of five denoisers`() { #expect(Self.denoiserNames.count == 5) }

  @Test(arguments: denoiserNames)
  func `the denoiser and every blend of its six steps match the original`(
    name: String
  ) throws {
    let golden = try #require(Self.records[name])
    let sizes = try #require(Architectures.denoisers[name])
    let network = try DenoiseUNet(Weights(FormulaWeights()), sizes, steps: 6)
    let (rows, columns) = (golden["t0"]!.shape[2], golden["t0"]!.shape[3])
    let latent = { (key: String) in
      FormulaWeights.image(
        key, rows: rows, columns: columns, channels: sizes.outputs, in: -1...1)
    }
    let (image, coarse) = (latent("input.zx"), latent("input.zc"))

    var results: [String: Tensor] = [:]
    Parallel.$workers.withValue(2) {
      for step in [5, 0] { results["t\(step)"] = network(image.joined(with: coarse), step: step) }
      let blending = ProgressiveBlending(steps: 6, epsilon: 0.8)
      _ = blending.refine(coarse, image: image, by: network) { step, blend in
        results["plbr_after_t\(step.index)"] = blend
      }
    }
    #expect(Set(results.keys) == Set(golden.keys))
    for (stage, record) in golden {
      let error = try #require(results[stage]).error(to: record)
      #expect(error < 1e-4, "\(stage) of \(name)")
    }
  }

  @Test func `AutoencoderKL matches the original`() throws {
    let network = try AutoencoderKL(Weights(FormulaWeights()), Architectures.autoencoderKL)
    let golden = try #require(Self.records["aekl_64x48"])
    let posterior = try compare(network, golden)
    let scale = Float(network.architecture.latentScale)
    let latent = Tensor(posterior.mean.shape, posterior.mean.scalars.map { $0 * scale })
    let error = latent.error(to: try #require(golden["latent"]))
    #expect(error < 1e-4)
  }

  @Test func `the VA-VAE matches the original`() throws {
    let weights = Weights(FormulaWeights(original: Self.latentDiffusionName))
    let network = try AutoencoderKL(weights, Architectures.vaVAE)
    _ = try compare(network, try #require(Self.records["vavae_64x48"]))
  }

  private func compare(
    _ network: AutoencoderKL, _ golden: [String: Golden]
  ) throws -> AutoencoderKL.Posterior {
    let image = FormulaWeights.image("input.vae", rows: 64, columns: 48, in: -1...1)
    let (posterior, decoded) = Parallel.$workers.withValue(2) {
      let posterior = network.encode(image)
      return (posterior, network.decode(posterior.mean))
    }
    for (stage, result) in [("moments", posterior.moments), ("decoded", decoded)] {
      let error = result.error(to: try #require(golden[stage]))
      #expect(error < 1e-4, "\(stage)")
    }
    return posterior
  }

  /// Returns the name in CompVis' latent diffusion of a tensor of a VA-VAE, which has five levels.
  @Sendable static func latentDiffusionName(_ name: String) -> String {
    var parts = name.split(separator: ".").map(String.init)
    for (index, part) in parts.enumerated().reversed() {
      switch part {
      case "down_blocks": parts[index] = "down"
      case "up_blocks":
        parts[index] = "up"
        parts[index + 1] = String(4 - (Int(parts[index + 1]) ?? 0))
      case "resnets" where parts[index - 1] == "mid_block":
        parts[index...index + 1] = ["block_\((Int(parts[index + 1]) ?? 0) + 1)"]
      case "attentions" where parts[index - 1] == "mid_block":
        parts[index...index + 1] = ["attn_1"]
      case "resnets": parts[index] = "block"
      case "attentions": parts[index] = "attn"
      case "downsamplers": parts[index...index + 1] = ["downsample"]
      case "upsamplers": parts[index...index + 1] = ["upsample"]
      case "to_out": parts[index...index + 1] = ["proj_out"]
      case "conv_shortcut": parts[index] = "nin_shortcut"
      case "conv_norm_out": parts[index] = "norm_out"
      case "group_norm": parts[index] = "norm"
      case "to_q", "to_k", "to_v": parts[index] = String(part.last!)
      default: break
      }
    }
    return parts.joined(separator: ".").replacing("mid_block", with: "mid")
  }
}

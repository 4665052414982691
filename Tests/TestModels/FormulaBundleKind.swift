public import DepthModels
import Foundation
import Tensors

/// The kinds of bundles with formula weights, which are imported like any checkpoints.
public enum FormulaBundleKind: String, Sendable {
  /// The networks of the paper: DPT-hybrid, Stable Diffusion's autoencoder, and the denoiser of most of its data sets.
  case official
  /// Networks that are small enough for tests.
  case tiny

  /// Writes checkpoints and imports them as a bundle into a folder.
  public func write(to folder: String) throws -> ModelBundle {
    let temporary = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: temporary) }
    let path = { (name: String) in temporary + "/\(name).safetensors" }

    let formula = FormulaWeights(prefix: "rgb_encoder.")
    try FormulaCheckpoint(formula) { _ = try DPT($0, coarse) }.write(to: path("coarse"))
    try FormulaCheckpoint { _ = try AutoencoderKL($0, autoencoder) }.write(to: path("vae"))
    try FormulaCheckpoint { _ = try DenoiseUNet($0, denoiser, steps: 6) }.write(to: path("unet"))

    let card = ModelCard(
      name: "formula-\(rawValue)", summary: "weights by formula, heights without meaning",
      licence: "none", gsdInMeters: 10...60, tileSize: self == .official ? 512 : 128,
      overlap: self == .official ? 128 : 32, surface: "mixed")
    var options = ImportOptions(card: card)
    options.heads = coarse.heads
    options.hooks = coarse.hooks
    options.refiner.heads = denoiser.heads
    return try ModelBundle.importing(
      coarse: path("coarse"), vae: path("vae"), unet: path("unet"), to: folder, options: options
    ).bundle
  }

  private var coarse: CoarseArchitecture {
    self == .official ? Architectures.hybrid : Architectures.tinyCoarse
  }

  private var autoencoder: AutoencoderArchitecture {
    self == .official ? Architectures.autoencoderKL : Architectures.tinyAutoencoder
  }

  private var denoiser: DenoiserArchitecture {
    Architectures.denoisers[self == .official ? "unet_aekl_full" : "unet_tiny32"]!
  }
}

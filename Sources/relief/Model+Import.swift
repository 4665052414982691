public import ArgumentParser
public import DepthModels
import Foundation

extension Model {
  /// `relief model import BUNDLE --coarse CHECKPOINT [--vae CHECKPOINT] [--unet CHECKPOINT]`.
  struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Makes a bundle of checkpoints.",
      discussion: """
        A checkpoint is a file in safetensors or of PyTorch (.pth, .pt, .ckpt, .bin; nothing in it is \
        executed), or a folder of Hugging Face (config.json and the weights). Names of tensors may be those of \
        D3-RSMDE, Omnidata, DPT, diffusers' AutoencoderKL, latent diffusion, the VA-VAE or SegRefiner. What no \
        checkpoint says, such as the pixel sizes that it was trained on, is asked for.

        Examples:
          relief model import my-bundle --coarse dpt-hybrid/ --name my-dpt --gsd 10,60 --licence MIT
          relief model import d3 --coarse vit.pth --vae sd-vae/ --unet denoiser.pth --name d3 --gsd 30,30 \
        --licence unknown
        """)

    @Argument(help: "The folder to make.")
    var bundle: String

    @Option(help: "The depth network, a file or a folder.")
    var coarse: String

    @Option(help: "The autoencoder; needed by a U-Net that refines latents.")
    var vae: String?

    @Option(help: "The U-Net that refines. Default: none, the bundle is coarse only.")
    var unet: String?

    @Option(help: "The model's name.")
    var name: String

    @Option(help: "One sentence: what it is and where it comes from.")
    var summary: String = ""

    @Option(help: "The licence of the weights.")
    var licence: String

    @Option(help: "The pixel sizes that it was trained on, in metres: LOW,HIGH.")
    var gsd: MetersRange

    @Option(help: "What its heights are of: DSM, DTM or mixed.")
    var surface: String = "mixed"

    @Option(help: "Pixels of a tile's side.")
    var tile: Int = 512

    @Option(help: "Pixels that neighbouring tiles share.")
    var overlap: Int = 128

    @Option(
      help: """
        How pixels reach the network: raw255 (0…255) or half (−1…1). \
        Default: raw255 for D3-RSMDE's names, else half.
        """)
    var normalization: CoarseArchitecture.Normalization?

    @Option(help: "Attention heads. Default: from config.json, else one for each 64 channels.")
    var heads: Int?

    @Option(help: "The tapped transformer blocks, from 0: 0,1,8,11. Default: from config.json.")
    var hooks: NumberList?

    @Option(help: "Groups of the backbone's normalisation. Default: from config.json, else 32.")
    var groups: Int?

    @Option(
      help: "Attention heads of the U-Net. Default: 8 for that of the VA-VAE, else 4.")
    var unetHeads: Int?

    @Option(
      help: """
        What latents are multiplied by. Default: from config.json, else 0.18215 for four channels and 1 \
        for others.
        """)
    var latentScale: Double?

    @Option(help: "Steps of refinement. Default: as many as the U-Net has learned, else 6.")
    var steps: Int?

    @Option(help: "The share of the estimate in the first blend of training.")
    var epsilon: Double = 0.8

    @Option(
      help: "How the refiner saw images in training: perImage (each by its own range) or scene.")
    var imageRange: RefinerArchitecture.ImageRange = .perImage

    @Option(
      help: """
        By which range heights were normalised in training: own (truth and coarse map each by its own) or \
        shared (both by one).
        """)
    var heightRange: RefinerArchitecture.HeightRange = .own

    @Option(help: "Store the weights as F32, F16 or BF16. Default: as in the checkpoint.")
    var storage: Safetensors.ElementType?

    func run() throws {
      try FileNames.requireWritable(bundle)
      let card = ModelCard(
        name: name, summary: summary, licence: licence, gsdInMeters: gsd.range, tileSize: tile,
        overlap: overlap, surface: surface)
      let options = ImportOptions(
        card: card, normalization: normalization, heads: heads, hooks: hooks?.numbers,
        groups: groups,
        refiner: ImportOptions.Refiner(
          heads: unetHeads, latentScale: latentScale, steps: steps, epsilon: epsilon,
          imageRange: imageRange, heightRange: heightRange),
        storage: storage)
      let made = try ModelBundle.importing(
        coarse: coarse, vae: vae, unet: unet, to: bundle, options: options)
      for remark in made.remarks { Console.error(remark) }
      Console.output("\(made.bundle.directory): \(made.bundle.hash)")
    }
  }
}

/// `LOW,HIGH` in metres.
struct MetersRange: ExpressibleByArgument {
  let range: ClosedRange<Double>

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Double($0) }
    guard parts.count == 2, numbers.count == 2, 0 < numbers[0], numbers[0] <= numbers[1],
      numbers[1].isFinite
    else { return nil }
    range = numbers[0]...numbers[1]
  }
}

extension CoarseArchitecture.Normalization: ExpressibleByArgument {}
extension Safetensors.ElementType: ExpressibleByArgument {}
extension RefinerArchitecture.ImageRange: ExpressibleByArgument {}
extension RefinerArchitecture.HeightRange: ExpressibleByArgument {}

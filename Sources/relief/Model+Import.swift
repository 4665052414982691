public import ArgumentParser
public import DepthModels
import Foundation

extension Model {
  /// The command `relief model import BUNDLE --coarse CHECKPOINT [--vae CHECKPOINT] [--unet CHECKPOINT]`.
  struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Creates a bundle from checkpoints.",
      discussion: """
        A checkpoint is a safetensors file, a PyTorch file (.pth, .pt, .ckpt or .bin; no code in it is executed), or a \
        Hugging Face folder (config.json and the weights). Tensor names may be those of D3-RSMDE, Omnidata, DPT, \
        diffusers' AutoencoderKL, latent diffusion, the VA-VAE or SegRefiner. Options supply what checkpoints do not \
        contain, such as the pixel sizes of the training images.

        Examples:
          relief model import my-bundle --coarse dpt-hybrid/ --name my-dpt --gsd 10,60 --license MIT
          relief model import d3 --coarse vit.pth --vae sd-vae/ --unet denoiser.pth --name d3 --gsd 30,30 \
        --license unknown
        """)

    @Argument(help: "The folder of the new bundle, which must be empty or not exist.")
    var bundle: String

    @Option(help: "The checkpoint of the depth network, a file or a folder.")
    var coarse: String

    @Option(help: "The checkpoint of the autoencoder; required for a U-Net that refines latents.")
    var vae: String?

    @Option(help: "The checkpoint of the refining U-Net. Default: none, the bundle is coarse only.")
    var unet: String?

    @Option(help: "The name of the model.")
    var name: String

    @Option(help: "One sentence that describes the model and its origin.")
    var summary: String = ""

    @Option(help: "The license of the weights.")
    var license: String

    @Option(help: "The range of pixel sizes of the training images, in meters, above 0: LOW,HIGH.")
    var gsd: MetersRange

    @Option(help: "The surface that the heights describe: DSM, DTM or mixed.")
    var surface: String = "mixed"

    @Option(help: "The side of a tile, in pixels.")
    var tile: Int = 512

    @Option(help: "The overlap of neighboring tiles, in pixels.")
    var overlap: Int = 128

    @Option(
      help: """
        The range of the network's input: raw255 (0…255) or half (−1…1). \
        Default: raw255 for checkpoints with D3-RSMDE's names, else half.
        """)
    var normalization: CoarseArchitecture.Normalization?

    @Option(
      help: "The number of attention heads. Default: from config.json, else one per 64 channels.")
    var heads: Int?

    @Option(
      help:
        "The transformer blocks whose outputs are used, from 0, such as 0,1,8,11. Default: from config.json."
    )
    var hooks: NumberList?

    @Option(
      help:
        "The number of groups of the backbone's group normalization. Default: from config.json, else 32."
    )
    var groups: Int?

    @Option(
      help:
        "The number of attention heads of the U-Net. Default: 8 for a U-Net for the VA-VAE, else 4."
    )
    var unetHeads: Int?

    @Option(
      help: """
        The scale factor of the latents. Default: from config.json, else 0.18215 for four channels and 1 for other \
        numbers of channels.
        """)
    var latentScale: Double?

    @Option(
      help: "The number of refinement steps. Default: as many as the U-Net was trained for, else 6."
    )
    var steps: Int?

    @Option(help: "The share of the estimate in the first blend of training, above 0, at most 1.")
    var epsilon: Double = 0.8

    @Option(
      help:
        "How images were normalized in training: perImage (by the range of each image) or scene.")
    var imageRange: RefinerArchitecture.ImageRange = .perImage

    @Option(
      help: """
        How heights were normalized in training: own (reference and coarse map by their own ranges) or shared (both by \
        the same range).
        """)
    var heightRange: HeightRange = .own

    @Option(
      help: "The type of the stored weights: F32, F16 or BF16. Default: as in the checkpoint.")
    var storage: Safetensors.ElementType?

    func run() throws {
      try FileNames.requireWritable(bundle)
      let card = ModelCard(
        name: name, summary: summary, licence: license, gsdInMeters: gsd.range, tileSize: tile,
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

/// A range in meters, given as `LOW,HIGH`.
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
extension HeightRange: ExpressibleByArgument {}

public import ArgumentParser
public import DepthModels
import Foundation

extension Model {
  /// `relief model import CHECKPOINT BUNDLE`.
  struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Makes a bundle of a checkpoint.",
      discussion: """
        The checkpoint is a safetensors file with the tensor names of D3-RSMDE, Omnidata or DPT, or a folder \
        of Hugging Face (config.json and model.safetensors). What no checkpoint says, such as the pixel \
        sizes that it was trained on, is asked for.

        Example:
          relief model import dpt-hybrid/ my-bundle --name my-dpt --gsd 10,60 --licence MIT
        """)

    @Argument(help: "The checkpoint, a file or a folder.")
    var checkpoint: String

    @Argument(help: "The folder to make.")
    var bundle: String

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

    @Option(help: "Store the weights as F32, F16 or BF16. Default: as in the checkpoint.")
    var storage: Safetensors.ElementType?

    func run() throws {
      let card = ModelCard(
        name: name, summary: summary, licence: licence, gsdInMeters: gsd.range, tileSize: tile,
        overlap: overlap, surface: surface)
      let options = ImportOptions(
        card: card, normalization: normalization, heads: heads, hooks: hooks?.numbers,
        groups: groups, storage: storage)
      let made = try ModelBundle.importing(checkpoint: checkpoint, to: bundle, options: options)
      print("\(made.directory): \(made.hash)")
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

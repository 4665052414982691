import ArgumentParser
import Foundation
import Grids
import Pairs
import Scenes

/// The command `relief pairs split LIST OUT`, which assigns pairs to splits.
struct PairsSplit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "split",
    abstract: "Splits pairs into training, validation and test sets that share no area.",
    discussion: """
      With --by site, all pairs of a site go to the same split. With --by blocks, images are cut into blocks of about \
      --block pixels, each block goes to one split, and a gap of --gap pixels is left out between blocks of different \
      splits. Images on the same grid, such as several seasons of a place, are cut identically.

      The same list, options and seed give the same split.

      Examples:
        relief pairs split pairs.csv split.csv --by site
        relief pairs split pairs.csv split.csv --by blocks --block 2048 --gap 256 \\
          --train 0.7 --validation 0.15 --test 0.15
      """)

  /// How to split a list.
  enum Method: String, ExpressibleByArgument, CaseIterable { case site, blocks }

  @Argument(help: "The list of pairs: CSV, JSON or an RS3DBench folder.")
  var list: String

  @Argument(help: "The list with its splits, a CSV file.")
  var output: String

  @Option(help: "How to split: by site (whole sites) or by blocks (parts of images).")
  var by: Method

  @Option(
    help: ArgumentHelp(
      "The share of the area for training, 0 to 1; the three shares must sum to 1.",
      valueName: "share"))
  var train = 0.8

  @Option(help: ArgumentHelp("The share of the area for validation, 0 to 1.", valueName: "share"))
  var validation = 0.1

  @Option(help: ArgumentHelp("The share of the area for the test, 0 to 1.", valueName: "share"))
  var test = 0.1

  @Option(
    help: ArgumentHelp(
      "The approximate side of a block, in pixels, more than three gaps.", valueName: "pixels"))
  var block = 2048

  @Option(
    help: ArgumentHelp(
      "The gap between blocks of different splits, in pixels, such as the size of the network's input.",
      valueName: "pixels"))
  var gap = 512

  @Option(help: "The seed of the random draw.")
  var seed: UInt64 = 42

  @Option(
    help: ArgumentHelp(
      "Exit with 65 if a pair is in this exclusion list (columns path and why).", valueName: "list")
  )
  var exclude: String?

  @Flag(help: "Replace an existing output, and existing splits of the list.")
  var overwrite = false

  func run() throws {
    try FileNames.requireWritable(output)
    var split = try SpatialSplit(train: train, validation: validation, test: test)
    split.seed = seed
    let pairs = try PairList(reading: list)
    if let exclude { try ExclusionList(reading: exclude).refuse(pairs.pairs) }
    if !overwrite, let pair = pairs.pairs.first(where: { $0.split != nil }) {
      throw SceneError(
        .usage,
        "\(list) has splits, such as \(pair.split?.rawValue ?? "") of \(pair.name): use --overwrite to replace them"
      )
    }
    let result =
      switch by {
      case .site: try pairs.split(bySite: split)
      case .blocks: try pairs.split(byBlocksOf: block, gap: gap, split)
      }
    try result.write(to: output, overwrite: overwrite)
    for kind in Pair.Split.allCases {
      let chosen = result.pairs.filter { $0.split == kind }
      let name = kind.rawValue.padding(toLength: 12, withPad: " ", startingAt: 0)
      let pixels = chosen.reduce(0) { $0 + ($1.window?.pixelCount ?? 0) }
      Console.output(
        "\(name)\(chosen.count) pairs"
          + (pixels > 0 ? String(format: ", %.2f megapixels", Double(pixels) / 1e6) : ""))
    }
  }
}

import ArgumentParser
import Foundation
import Grids
import Learning
import Scenes

/// `relief pairs split LIST OUT`.
struct PairsSplit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "split",
    abstract: "Divides ground between training, validation and test, so that none is seen twice.",
    discussion: """
      By site, whole sites go to one split. By blocks, images are cut into blocks of about --block pixels, each of which \
      goes to one split; between blocks of different splits --gap pixels are left out. Images on one grid, such as \
      seasons of a place, are cut alike.

      The same list, options and seed give the same split.

      Examples:
        relief pairs split pairs.csv split.csv --by site
        relief pairs split pairs.csv split.csv --by blocks --block 2048 --gap 256 --train 0.7 --validation 0.15 --test 0.15
      """)

  enum Way: String, ExpressibleByArgument, CaseIterable { case site, blocks }

  @Argument(help: "CSV or JSON.")
  var list: String

  @Argument(help: "The list with its splits, as CSV.")
  var output: String

  @Option(help: "site or blocks.")
  var by: Way

  @Option(help: ArgumentHelp("Share of the ground.", valueName: "share"))
  var train = 0.8

  @Option(help: ArgumentHelp("Likewise.", valueName: "share"))
  var validation = 0.1

  @Option(help: ArgumentHelp("Likewise.", valueName: "share"))
  var test = 0.1

  @Option(help: ArgumentHelp("The side of a block, about.", valueName: "pixels"))
  var block = 2048

  @Option(
    help: ArgumentHelp(
      "Between blocks of different splits: what a network sees.", valueName: "pixels"))
  var gap = 512

  @Option(help: "Of the draw.")
  var seed: UInt64 = 42

  @Option(
    help: ArgumentHelp("Pairs that must not be in it, as paths and reasons.", valueName: "list"))
  var exclude: String?

  @Flag(help: "Replace the output, and splits that the list has.")
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
        "\(list) has splits, such as \(pair.split?.rawValue ?? "") of \(pair.name); --overwrite replaces them"
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

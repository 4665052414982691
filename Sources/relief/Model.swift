import ArgumentParser
import DepthModels
import Foundation

/// `relief model import | info | verify`.
struct Model: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes, shows and checks model bundles.",
    subcommands: [Import.self, Show.self, Verify.self])

  /// A bundle given by its folder, or the one that `infer` would take.
  struct BundleArgument: ParsableArguments {
    @Argument(help: "The bundle, a folder. Default: $RELIEF_MODEL, else the one shipped.")
    var bundle: String?

    func locate() throws -> ModelBundle { try ModelBundle.locate(bundle) }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "info", abstract: "Says what a bundle is, and how good.")

    @OptionGroup var argument: BundleArgument

    func run() throws {
      let bundle = try argument.locate()
      print("folder    \(bundle.directory)")
      print("SHA-256   \(bundle.hash)")
      for line in bundle.summary { print(line) }
    }
  }

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Checks a bundle's hashes and loads every network of it.")

    @OptionGroup var argument: BundleArgument

    func run() throws {
      let bundle = try argument.locate()
      try bundle.verify()
      print("\(bundle.directory): whole, \(bundle.hash)")
    }
  }
}

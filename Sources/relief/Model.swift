import ArgumentParser
import DepthModels
import Foundation

/// The command `relief model`, which imports, shows and verifies model bundles.
struct Model: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Imports, shows and verifies model bundles.",
    subcommands: [Import.self, Show.self, Verify.self])

  /// The bundle in a given folder, or the one that `infer` would use.
  struct BundleArgument: ParsableArguments {
    @Argument(help: "The folder of the bundle. Default: $RELIEF_MODEL, else the shipped bundle.")
    var bundle: String?

    /// Opens the bundle.
    func locate() throws -> ModelBundle { try ModelBundle.locate(bundle) }
  }

  /// The command `relief model info`.
  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "info", abstract: "Shows the model card, architecture and metrics of a bundle.")

    @OptionGroup var argument: BundleArgument

    func run() throws {
      let bundle = try argument.locate()
      Console.output("folder    \(bundle.directory)")
      Console.output("SHA-256   \(bundle.hash)")
      for line in Self.describe(bundle.manifest) { Console.output(line) }
    }

    /// The manifest as text lines.
    private static func describe(_ manifest: Manifest) -> [String] {
      let card = manifest.card
      let stages = manifest.stages.map(\.rawValue).joined(separator: ", ")
      var lines = [
        "name      \(card.name)",
        "status    \(stages)\(manifest.refiner == nil ? " only" : ""), \(card.status.rawValue)",
        "          \(card.summary)",
        "license   \(card.licence)",
        "GSD       \(card.gsdInMeters.lowerBound)–\(card.gsdInMeters.upperBound) m",
        "heights   \(card.surface), relative",
        "stretch   \(card.stretch.lowerPercentile)–\(card.stretch.upperPercentile) %, \(card.stretch.bands.rawValue)",
        "tiles     \(card.tileSize) pixels, overlap \(card.overlap)",
      ]
      lines += Self.describe(manifest.coarse)
      if let refiner = manifest.refiner { lines += Self.describe(refiner) }
      lines.append(Self.cost(of: manifest))
      lines += card.training.sites.map { "trained   \($0)" }
      if !card.training.notes.isEmpty { lines.append("          \(card.training.notes)") }
      lines += card.training.credits.map { "credit    \($0)" }
      lines += card.metrics.map { metric in
        "measured  \(metric.name) \(metric.value)\(metric.unit == "1" ? "" : " " + metric.unit) on \(metric.on)"
          + (metric.isHeldOut ? "" : " (not held out)")
      }
      if card.metrics.isEmpty { lines.append("measured  no reliable metrics") }
      for (name, file) in manifest.files.sorted(by: { $0.key < $1.key }) {
        lines.append("file      \(name), \(file.bytes) bytes, SHA-256 \(file.sha256)")
      }
      return lines
    }

    /// The coarse network as text lines.
    private static func describe(_ coarse: CoarseArchitecture) -> [String] {
      let backbone =
        switch coarse.backbone {
        case .hybrid(let hybrid): "residual stages \(hybrid.widths)"
        case .plain(let plain): "patches of \(plain.patch) pixels"
        }
      return [
        "coarse    \(backbone), \(coarse.depth) blocks of \(coarse.width) channels, \(coarse.heads) heads"
      ]
    }

    /// The refining networks as text lines.
    private static func describe(_ refiner: RefinerArchitecture) -> [String] {
      let denoiser = refiner.denoiser
      let widths = denoiser.multipliers.map { $0 * denoiser.width }
      var lines: [String] = []
      if let vae = refiner.autoencoder {
        lines.append(
          "vae       levels \(vae.widths), \(vae.latentChannels) latent channels at 1/\(vae.reduction), "
            + "scale \(vae.latentScale)")
      }
      lines.append(
        "unet      \(denoiser.inputs) to \(denoiser.outputs) channels, levels \(widths), "
          + "\(denoiser.heads) heads")
      lines.append(
        "blending  \(refiner.blending.steps) steps, epsilon \(refiner.blending.epsilon); images by "
          + "\(refiner.imageRange.rawValue), heights by \(refiner.heightRange.rawValue) range")
      return lines
    }

    /// The number of additions and multiplications for 512 × 512 pixels, whatever the tile size of the bundle.
    private static func cost(of manifest: Manifest) -> String {
      let side = 512
      func billions(_ count: Double) -> String { String(format: "%.0f", count / 1e9) }
      let coarse = manifest.coarse.operationCount(rows: side, columns: side)
      let line = "cost      for \(side) × \(side) pixels: \(billions(coarse)) GFLOP"
      guard let refiner = manifest.refiner else { return line }
      let steps = refiner.blending.steps
      let refining = refiner.operationCount(rows: side, columns: side, evaluations: steps)
      return line + " coarse, \(billions(refining)) GFLOP for refinement in \(steps) steps"
    }
  }

  /// The command `relief model verify`.
  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Checks the hashes of a bundle and loads all its networks.")

    @OptionGroup var argument: BundleArgument

    func run() throws {
      let bundle = try argument.locate()
      try bundle.verify()
      Console.output("\(bundle.directory): verified, \(bundle.hash)")
    }
  }
}

import ArgumentParser
import DepthModels
import Foundation
import Learning
import Rasters
import Scenes

/// Which model sees the images of a list, and how.
struct EvaluatedModel: ParsableArguments {
  @Option(help: "Of a list: the model bundle. Default: $RELIEF_MODEL, else the one shipped.")
  var model: String?

  @Option(help: "Of a list: steps of the refining network, 0 for coarse heights alone.")
  var steps: Int?

  @Option(help: "Of a list: at how many pixel sizes the coarse network sees each tile: 2, 4 or 8.")
  var ensemble: SceneOptions.Ensemble?

  @Flag(
    help: "Of a list: take images though their pixels are far from what the bundle was trained on.")
  var forceGsd = false

  @Option(
    help: ArgumentHelp(
      "Of a list: keep the heights here, NAME.tif. Those of the same image, bundle and options are not made again.",
      valueName: "folder"))
  var keep: String?

  /// The options that were given.
  var given: [String] {
    [
      ("--model", model != nil), ("--steps", steps != nil), ("--ensemble", ensemble != nil),
      ("--force-gsd", forceGsd), ("--keep", keep != nil),
    ].filter(\.1).map(\.0)
  }
}

extension Pair {
  /// What rasters of it are called.
  var fileName: String { String(name.map { $0 == "/" || $0 == ":" ? "_" : $0 }) }
}

/// Makes the heights of pairs that have none yet.
final class SiteInference {
  private let arguments: EvaluatedModel
  private let folder: String
  private let isKept: Bool
  private let threads: Int?
  private var model: D3RSMDE?

  init(_ arguments: EvaluatedModel, scratch: String?, threads: Int?) throws {
    self.arguments = arguments
    self.threads = threads
    isKept = arguments.keep != nil
    try FileNames.requireWritable(arguments.keep)
    folder =
      arguments.keep ?? (scratch ?? NSTemporaryDirectory()) + "/relief-\(UUID().uuidString)"
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw SceneError(
        .cannotCreate, "\(folder) can't be made: \(error.localizedDescription)")
    }
  }

  deinit {
    // Nobody is left to be told; the system clears what remains.
    if !isKept { try? FileManager.default.removeItem(atPath: folder) }
  }

  /// The raster of a pair's heights: the one that the list names, else one that is made.
  func heights(of pair: Pair) async throws -> String {
    if let heights = pair.heights { return heights }
    let model = try self.model ?? D3RSMDE(ModelBundle.locate(arguments.model))
    self.model = model
    let scene = try SceneSource(pair.image, bands: pair.bands)
    var options = SceneOptions()
    options.steps = arguments.steps
    options.ensemble = arguments.ensemble
    options.forcesGSD = arguments.forceGsd
    options.threads = threads
    options.sunAzimuth = pair.azimuth
    if let window = pair.window { options.area = .window(window) }
    let plan = try await ScenePlan(scene, model: model, options: options)
    var output = OutputOptions("\(folder)/\(pair.fileName).tif")
    try output.replaceOtherPlans(than: plan)
    output.writesStyle = false
    let run = try SceneRun(plan, scene: scene, model: model, options: options, output: output)
    return try await run().output.path
  }
}

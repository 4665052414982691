import ArgumentParser
import DepthModels
import Files
import Foundation
import Pairs
import Rasters
import Scenes

/// The options for inferring heights from the images of a list.
struct PairInferenceArguments: ParsableArguments {
  @Option(
    help:
      "With --pairs: the folder of the model bundle. Default: $RELIEF_MODEL, else the shipped bundle."
  )
  var model: String?

  @Option(
    help:
      "With --pairs: the number of refinement steps; 0 for coarse heights only. Default: as the bundle was trained."
  )
  var steps: Int?

  @Option(help: "With --pairs: the number of ensemble members, 2, 4 or 8. Default: no ensemble.")
  var ensemble: SceneOptions.Ensemble?

  @Flag(
    help:
      "With --pairs: accept images whose pixel size is far from the range that the bundle was trained on."
  )
  var forceGsd = false

  @Option(
    help: ArgumentHelp(
      "With --pairs: keep heights in this folder as NAME.tif, and reuse those of the same image, bundle and options.",
      valueName: "folder"))
  var keep: String?

  /// The names of the given options.
  var given: [String] {
    [
      ("--model", model != nil), ("--steps", steps != nil), ("--ensemble", ensemble != nil),
      ("--force-gsd", forceGsd), ("--keep", keep != nil),
    ].filter(\.1).map(\.0)
  }
}

extension Pair {
  /// The name of the pair as a file name.
  var fileName: String { String(name.map { $0 == "/" || $0 == ":" ? "_" : $0 }) }
}

/// Infers the heights of pairs that have none yet.
final class PairInference {
  private let arguments: PairInferenceArguments
  private let folder: String
  private let isKept: Bool
  private let threads: Int?
  private var model: D3RSMDE?

  /// Creates the folder for the height rasters.
  ///
  /// - Throws: `SceneError` if the folder cannot be created.
  init(_ arguments: PairInferenceArguments, scratch: String?, threads: Int?) throws {
    self.arguments = arguments
    self.threads = threads
    isKept = arguments.keep != nil
    try FileNames.requireWritable(arguments.keep)
    folder =
      arguments.keep ?? (scratch ?? NSTemporaryDirectory()) + "/relief-\(UUID().uuidString)"
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw SceneError(.cannotCreate, "\(FileError(.create, folder, from: error))")
    }
  }

  deinit {
    // An error cannot be reported here; the system clears the temporary folder.
    if !isKept { try? FileManager.default.removeItem(atPath: folder) }
  }

  /// The path of a pair's height raster: the one in the list, or a newly inferred one.
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
    let plan = try await ScenePlan.make(
      for: scene, model: model, options: options, scratchFolder: folder)
    var output = OutputOptions("\(folder)/\(pair.fileName).tif")
    try output.replaceOtherPlans(than: plan)
    output.writesStyle = false
    let run = try SceneRun(plan, scene: scene, model: model, options: options, output: output)
    return try await run().output.path
  }
}

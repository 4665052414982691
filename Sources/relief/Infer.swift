import ArgumentParser
import DepthModels
import Foundation
import Rasters
import Scenes
import Tensors

/// `relief infer SCENE [DEM]`.
struct Infer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Turns a scene into a height raster on the same grid.",
    discussion: """
      The output is a Cloud Optimized GeoTIFF, Float32, with the scene's grid, CRS and extent; nodata \
      where the scene has none. Heights are relative (unit 1) until a reference gives them metres.

      Examples:
        relief infer scene.tif
        relief infer landsat.vrt heights.tif --bands 1,2,3 --quicklook
        relief infer /vsicurl/https://example.com/cog.tif out.tif --bbox 15.1,44.9,15.3,45.1 \\
          --bbox-crs EPSG:4326
      """)

  @OptionGroup var arguments: SceneArguments

  @Argument(
    help: ArgumentHelp("The output. Default: NAME_relief.tif in this folder.", valueName: "dem"))
  var output: String?

  @Option(help: "Upward (height: larger is higher) or downward (depth).")
  var quantity: SceneOptions.Quantity = .height

  @Option(
    name: .customLong("co"),
    help: ArgumentHelp("A creation option of the COG driver; repeatable.", valueName: "KEY=VALUE"))
  var creationOptions: [KeyValue] = []

  @Flag(
    help: """
      Start anew: discard what is stored of an unfinished run, and replace an output of relief. \
      Without it the same command goes on, and tries failed tiles again.
      """)
  var overwrite = false

  @Flag(inversion: .prefixedNo, help: "A QGIS style (.qml) beside the output.")
  var style = true

  @Flag(help: "A hillshade (.png) beside the output.")
  var quicklook = false

  @Flag(
    help: """
      Rasters of what is known of the heights, NAME_….tif beside NAME.tif: tiles (how many were blended), \
      disagreement (how far they lie apart), class (model, interpolated, flat) and, with --ensemble, spread.
      """)
  var confidence = false

  @Option(help: "auto (a line that moves on a terminal, else plain lines), plain, json or none.")
  var progress: ProgressStyle = .auto

  func run() async throws {
    try FileNames.requireWritable(output)
    let printer = ProgressPrinter(progress)
    let work = Task {
      let scene = try arguments.open()
      var options = try arguments.options
      options.quantity = quantity
      var output = OutputOptions(self.output ?? OutputOptions.defaultPath(for: arguments.scene))
      output.overwrites = overwrite
      output.creationOptions = creationOptions.dictionary
      output.writesStyle = style
      output.writesQuicklook = quicklook
      if confidence { output.confidence = ConfidenceRaster.all(with: options.ensemble) }

      try output.check(against: scene)
      let model = try arguments.loadModel()

      let plan = try await ScenePlan(scene, model: model, options: options) {
        printer.update(.measuring($0))
      }
      let run = try SceneRun(plan, scene: scene, model: model, options: options, output: output)
      if let report = try run.alreadyDone() { return report }
      let forecast = Forecast(
        plan, model: model, resources: run.resources, confidence: output.confidence)
      // A run that goes on has most of it on the disk already.
      if try overwrite || !FolderTileStore.isUnfinished(plan, in: output.storeFolder) {
        try forecast.checkDisk(at: output.folder)
      }
      printer.start(plan, model, forecast)
      return try await run { printer.update($0) }
    }
    let report = try await Interruption.cancelling(
      work,
      losing: overwrite
        ? "what is finished is kept, and the same command without --overwrite goes on" : nil)
    printer.finish(report)
    guard report.failedTiles.isEmpty && report.holes == 0 else { throw Self.holes(in: report) }
  }

  /// An output with holes is written, and is never a success.
  private static func holes(in report: SceneReport) -> SceneError {
    let holes = "\(report.holes) pixels got no height; they hold nodata"
    guard !report.failedTiles.isEmpty else { return SceneError(.badData, holes) }
    let head =
      "\(holes). \(report.failedTiles.count) tiles failed, all others are kept; "
      + "the same command tries them again:"
    return SceneError(
      report.failedTiles.kind == .io ? .io : .badData,
      ([head] + report.failedTiles.texts.map { "  \($0)" }).joined(separator: "\n"))
  }
}

import ArgumentParser
import DepthModels
import Foundation
import Rasters
import Scenes
import Tensors

/// The command `relief infer SCENE [DEM]`, which computes a height raster from a scene.
struct Infer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Computes a height raster on the grid of a scene.",
    discussion: """
      The output is a Cloud Optimized GeoTIFF, Float32, with the grid, CRS and extent of the scene, and nodata where \
      the scene has no data. Its heights are relative (unit 1). With --reference, heights in meters are written to \
      NAME_dem.tif.

      Examples:
        relief infer scene.tif
        relief infer landsat.vrt heights.tif --bands 1,2,3 --quicklook
        relief infer scene.tif --reference srtm.tif --reference-vertical EPSG:5773
        relief infer /vsicurl/https://example.com/cog.tif out.tif --bbox 15.1,44.9,15.3,45.1 \\
          --bbox-crs EPSG:4326
      """)

  @OptionGroup var arguments: SceneArguments

  @Argument(
    help: ArgumentHelp(
      "The output raster. Default: NAME_relief.tif in the current folder.", valueName: "dem"))
  var output: String?

  @OptionGroup var reference: ReferenceArguments

  @Option(help: "Direction of the values: height (larger is higher) or depth (larger is lower).")
  var quantity: SceneOptions.Quantity = .height

  @Option(
    name: .customLong("co"),
    help: ArgumentHelp(
      "A creation option of the GDAL COG driver; repeatable.", valueName: "KEY=VALUE"))
  var creationOptions: [KeyValue] = []

  @Flag(
    help: """
      Start over: discard the stored tiles of an unfinished run, and replace an output written by relief. \
      Without this flag, the same command resumes and retries failed tiles.
      """)
  var overwrite = false

  @Flag(inversion: .prefixedNo, help: "Write a QGIS style (.qml) next to the output.")
  var style = true

  @Flag(help: "Write a hillshade (.png) next to the output.")
  var quicklook = false

  @Flag(
    help: """
      Write quality layers NAME_….tif next to NAME.tif: tiles (number of blended tiles), disagreement (standard \
      deviation between them), class (model, interpolated or flat) and, with --ensemble, spread.
      """)
  var confidence = false

  @Option(
    help:
      "How to show progress: auto (a live line on a terminal, else plain lines), plain, json or none."
  )
  var progress: ProgressStyle = .auto

  func run() async throws {
    try FileNames.requireWritable(output)
    let printer = ProgressPrinter(progress)
    let work = Task {
      let scene = try arguments.open()
      let reference = try reference.open()
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

      // The overview of a run that resumes, or is done, is stored already.
      let isNew = [output.path, output.storeFolder].allSatisfy {
        overwrite || !FileManager.default.fileExists(atPath: $0)
      }
      let plan = try await ScenePlan.make(
        for: scene, model: model, options: options, reference: reference,
        scratchFolder: isNew ? output.folder : nil
      ) {
        printer.update(.measuring($0))
      }
      let run = try SceneRun(
        plan, scene: scene, reference: reference, model: model, options: options, output: output)
      if let report = try run.alreadyDone() { return report }
      let forecast = Forecast(
        plan, model: model, resources: run.resources, confidence: output.confidence)
      // A run that resumes already has most of its files on disk.
      if try overwrite || !RunStore.isUnfinished(plan, in: output.tiles) {
        try forecast.checkDisk(at: output.folder)
      }
      printer.start(plan, model, forecast)
      return try await run { printer.update($0) }
    }
    let report = try await Interruption.cancelling(
      work,
      losing: overwrite
        ? "finished work is kept: run the same command without --overwrite to resume" : nil)
    printer.finish(report)
    guard report.failedTiles.isEmpty && report.holes == 0 else { throw Self.holesError(report) }
  }

  /// The error for an output with holes, which is written but is never a success.
  private static func holesError(_ report: SceneReport) -> SceneError {
    let holes = "\(report.holes) pixels have no height and hold nodata"
    guard !report.failedTiles.isEmpty else { return SceneError(.badData, holes) }
    let head =
      "\(holes). \(report.failedTiles.count) tiles failed and all others are kept; "
      + "the same command retries them:"
    return SceneError(
      report.failedTiles.kind == .io ? .io : .badData,
      ([head] + report.failedTiles.texts.map { "  \($0)" }).joined(separator: "\n"))
  }
}

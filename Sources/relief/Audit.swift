import ArgumentParser
import Foundation
import Grids
import Scenes

/// The command `relief audit [SCENE] DEM`, which measures visible seams and, with a scene, invariance.
struct Audit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Checks a height raster for visible seams, and how much heights depend on the tiling.",
    usage: """
      relief audit <dem> [<options>]
      relief audit <scene> <dem> --invariance [<options>]
      """,
    discussion: """
      The audit computes five ratios, each 1 if there are no visible seams, with a standard error if there are enough \
      tile edges:
        height steps   across tile edges, relative to those 8 and 16 pixels away
        slope steps    likewise, for the slope
        spectral peak  power of the hillshade at the frequency of the tile grid,
                       relative to nearby frequencies, mean of four harmonics
        detail         variance of detail in overlaps, relative to that next to them
        broad steps    rises across whole overlaps, relative to those next to them
      The ratios do not depend on the unit of the heights.

      The tags of a relief output give its tiling. For other rasters, use --tile and --overlap; the first tile \
      starts at the upper left corner. Only the first band is read.

      With --invariance, the scene is run again three times, with the same options as the original run: with tiles \
      shifted by half a stride, on the middle half only, and on the middle half with another number of threads, which \
      must be bit-identical. Heights are compared without any fit. The runs are stored in the folder NAME.invariance \
      next to the raster until the audit ends, so that an interrupted audit resumes. The window of the scene, and \
      whether values are heights or depths, are read from the tags of the raster.

      Examples:
        relief audit dem.tif --places seams.gpkg
        relief audit dem.tif --fail-above 1.3
        relief audit other.tif --tile 512 --overlap 64 --json
        relief audit landsat.vrt dem.tif --invariance --bands 1,2,3
      """)

  @Argument(
    help: ArgumentHelp(
      "The height raster; with --invariance, the scene and then the height raster.",
      valueName: "raster"))
  var rasters: [String]

  @Option(
    help: ArgumentHelp(
      "Write the 100 worst tile edges to this GeoPackage, NAME.gpkg.", valueName: "path"))
  var places: String?

  @Flag(help: "Replace an existing file of --places.")
  var overwrite = false

  @Option(
    help: ArgumentHelp(
      "Exit with 1 if a ratio is above this value, at least 1 (detail in overlaps: also if below its inverse).",
      valueName: "ratio"))
  var failAbove: Double?

  @Flag(
    help: "Run the scene again to measure how much heights depend on tiling, window and threads.")
  var invariance = false

  @Option(
    help: ArgumentHelp(
      "Exit with 1 if the median height change of a run is above this percentage of the P5–P95 range, at least 0.",
      valueName: "percent"))
  var failAboveChange: Double?

  @Flag(help: "Print one JSON object instead of a table.")
  var json = false

  @Option(help: "With --invariance: how to show progress: auto, plain, json or none, as for infer.")
  var progress: ProgressStyle = .auto

  /// The options of the original run, for --invariance; without it, only the tiling is used.
  @OptionGroup var inference: InferenceArguments

  /// The path of the height raster, which is the last argument.
  private var dem: String { rasters[rasters.count - 1] }

  func validate() throws {
    if let failAbove, !(failAbove.isFinite && failAbove >= 1) {
      throw ValidationError("--fail-above \(failAbove), expected 1 or more, where 1 means no seams")
    }
    if let failAboveChange, !(failAboveChange.isFinite && failAboveChange >= 0) {
      throw ValidationError("--fail-above-change \(failAboveChange), expected 0 % or more")
    }
    if let places, !places.lowercased().hasSuffix(".gpkg") {
      throw ValidationError("--places \(places), expected NAME.gpkg")
    }
    guard !overwrite || places != nil else {
      throw ValidationError("--overwrite requires --places, whose file it replaces")
    }
    try invariance ? validateInvariance() : validateSeams()
  }

  /// Checks the paths for --invariance.
  private func validateInvariance() throws {
    guard rasters.count == 2 else {
      throw ValidationError(
        "--invariance with \(rasters.count == 1 ? "one path" : "\(rasters.count) paths"), "
          + "expected two: the scene and its height raster")
    }
  }

  /// Checks the paths without --invariance, and that no option of a run is given.
  private func validateSeams() throws {
    guard rasters.count == 1 else {
      throw ValidationError(
        "\(rasters.count) paths, expected one; to compare a scene with its height raster, add --invariance"
      )
    }
    guard (inference.tile == nil) == (inference.overlap == nil) else {
      throw ValidationError("--tile and --overlap must be given together")
    }
    let given =
      inference.givenInferenceOptions + (failAboveChange == nil ? [] : ["--fail-above-change"])
      + (progress == .auto ? [] : ["--progress"])
    guard given.isEmpty else {
      throw ValidationError("\(given.joined(separator: ", ")): only valid with --invariance")
    }
  }

  func run() async throws {
    try FileNames.requireWritable(places, invariance ? dem : nil)
    guard invariance else {
      return try finish(SeamAudit(of: dem, tiling: tiling), nil)
    }
    let printer = ProgressPrinter(progress)
    let work = Task {
      let (scene, model) = (try inference.open(rasters[0]), try inference.loadModel())
      let audit = try await InvarianceAudit.prepare(
        of: dem, scene: scene, model: model, options: inference.options)
      let forecast = Forecast(audit.plan, model: model, resources: audit.resources)
      if !FileManager.default.fileExists(atPath: audit.folder) {
        try forecast.checkDisk(at: OutputOptions(dem).folder)
      }
      printer.start(audit.plan, model, forecast, reruns: [.halfStride, .part, .threads])
      return (try SeamAudit(of: dem), try await audit { printer.update($0) })
    }
    let (seams, report) = try await Interruption.cancelling(work)
    try finish(seams, report)
  }

  /// The tiling given by --tile and --overlap, if any.
  private var tiling: SeamAudit.Tiling? {
    get throws {
      guard let tile = inference.tile, let overlap = inference.overlap else { return nil }
      return try SeamAudit.Tiling(size: tile, overlap: overlap)
    }
  }

  /// Prints the results, writes the file of --places, and throws if a check failed.
  private func finish(_ seams: SeamAudit, _ report: InvarianceReport?) throws {
    let invariance = report.map(InvarianceSummary.init)
    try show(seams, invariance)
    if let places { try seams.writePlaces(to: places, overwrite: overwrite) }
    let failures =
      failedChecks(of: seams) + (invariance?.failedChecks(aboveChange: failAboveChange) ?? [])
    for failure in failures { Console.error("relief: \(failure)") }
    guard failures.isEmpty else { throw ExitCode(1) }  // a check failed
    if let failed = report?.failedTiles, !failed.isEmpty { throw Self.incomplete(failed) }
  }

  /// Prints the results as a table or as JSON.
  private func show(_ audit: SeamAudit, _ invariance: InvarianceSummary?) throws {
    let summary = AuditSummary(audit)
    guard json else {
      let size = (audit.lines.columns.extent, audit.lines.rows.extent)
      let tiles = audit.lines.tiles
      Console.output("raster    \(audit.path), \(size.0) × \(size.1) pixels")
      Console.output(
        "tiles     \(tiles.columns) × \(tiles.rows) of \(tiles.tileWidth) × \(tiles.tileHeight) pixels, "
          + "overlap \(tiles.overlap), on \(tiles.width) × \(tiles.height)")
      for line in summary.lines + (invariance?.lines ?? []) { Console.output(line) }
      return
    }
    var object = summary.object
    if let invariance { object["invariance"] = invariance.object }
    let data = try JSONSerialization.data(
      withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
    Console.output(String(decoding: data, as: UTF8.self))
  }

  /// A message for the ratios above --fail-above; empty if there are none.
  private func failedChecks(of audit: SeamAudit) -> [String] {
    guard let failAbove else { return [] }
    let failed = audit.figures(above: failAbove)
    guard !failed.isEmpty else { return [] }
    let texts = failed.map { figure in
      figure.name + (figure.ratio.map { String(format: " %.3f", $0) } ?? "")
    }
    return [
      "\(dem) exceeds the limit of --fail-above: \(texts.joined(separator: ", ")), "
        + "expected at most \(failAbove)"
    ]
  }

  /// The error if tiles of the runs failed: as for `infer`, an incomplete comparison is never a success.
  private static func incomplete(_ failed: [FailedTile]) -> SceneError {
    SceneError(
      failed.kind == .io ? .io : .badData,
      "\(failed.count) tiles of the runs failed, so the comparison is incomplete; the runs are kept, and the same "
        + "command retries these tiles")
  }
}

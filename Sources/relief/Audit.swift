import ArgumentParser
import Foundation
import Grids
import Scenes

/// `relief audit [SCENE] DEM`.
struct Audit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says whether the tiles can be seen in a height raster, and what hangs on them.",
    usage: """
      relief audit <dem> [<options>]
      relief audit <scene> <dem> --invariance [<options>]
      """,
    discussion: """
      Five figures, each 1 where the tiles can't be told, with the standard error where the lines are many enough to tell \
      it: steps in height and in slope along the lines where tiles begin and end over those 8 and 16 pixels beside them; \
      the power of the hillshade at the grid's frequency over that beside it, the mean of four harmonics; the variance of \
      detail in the overlaps over that beside them; broad steps, rises over whole overlaps over those beside them. \
      The heights' unit doesn't matter.

      An output of relief tells where its tiles lie. Of another raster say it with --tile and --overlap; \
      its first tile begins at the upper left corner. The first band counts.

      With --invariance the scene is run again, by the options by which it was run: with its tiles half a stride \
      earlier, then the middle half alone, then that with another number of threads, whose bits must be the same. \
      Heights are compared as they are. The runs lie in the folder NAME.invariance beside the raster until the end, \
      so an interrupted audit goes on. What part the raster shows, and whether depths, its tags tell.

      Examples:
        relief audit dem.tif --places seams.gpkg
        relief audit dem.tif --fail-above 1.3
        relief audit other.tif --tile 512 --overlap 64 --json
        relief audit landsat.vrt dem.tif --invariance --bands 1,2,3
      """)

  @Argument(
    help: ArgumentHelp(
      "The height raster; with --invariance the scene before it.", valueName: "raster"))
  var rasters: [String]

  @Option(
    help: ArgumentHelp("A layer of the 100 worst tile edges, NAME.gpkg.", valueName: "path"))
  var places: String?

  @Flag(help: "Replace the file of --places.")
  var overwrite = false

  @Option(
    help: ArgumentHelp(
      "End with 1 if a figure is above this (detail: or below one over it).", valueName: "ratio"))
  var failAbove: Double?

  @Flag(help: "Run the scene again to see how far heights hang on tiles, area and threads.")
  var invariance = false

  @Option(
    help: ArgumentHelp(
      "End with 1 if the median change of a run is above this, in percent of P5–P95.",
      valueName: "percent"))
  var failAboveChange: Double?

  @Flag(help: "One JSON object, for programs.")
  var json = false

  @Option(help: "Of --invariance: auto, plain, json or none, as of infer.")
  var progress: ProgressStyle = .auto

  /// Those of the run, for --invariance; the tiling is that of any raster.
  @OptionGroup var inference: InferenceArguments

  /// The height raster, which is the last.
  private var dem: String { rasters[rasters.count - 1] }

  func validate() throws {
    if let failAbove, !(failAbove.isFinite && failAbove >= 1) {
      throw ValidationError("--fail-above \(failAbove), expected 1 or more, where 1 is no seam")
    }
    if let failAboveChange, !(failAboveChange.isFinite && failAboveChange >= 0) {
      throw ValidationError("--fail-above-change \(failAboveChange), expected 0 % or more")
    }
    if let places, !places.lowercased().hasSuffix(".gpkg") {
      throw ValidationError("--places \(places), expected NAME.gpkg")
    }
    guard !overwrite || places != nil else {
      throw ValidationError("--overwrite is for the file of --places")
    }
    try invariance ? validateRerun() : validateLook()
  }

  private func validateRerun() throws {
    guard rasters.count == 2 else {
      throw ValidationError(
        "--invariance with \(rasters.count == 1 ? "one path" : "\(rasters.count) paths"), "
          + "expected two: the scene and the height raster made of it")
    }
  }

  /// Without another run there are no options of one.
  private func validateLook() throws {
    guard rasters.count == 1 else {
      throw ValidationError(
        "\(rasters.count) paths, expected one; the scene and its height raster are for --invariance"
      )
    }
    guard (inference.tile == nil) == (inference.overlap == nil) else {
      throw ValidationError("--tile and --overlap are given together, or neither")
    }
    let given =
      inference.givenForInference + (failAboveChange == nil ? [] : ["--fail-above-change"])
      + (progress == .auto ? [] : ["--progress"])
    guard given.isEmpty else {
      throw ValidationError("\(given.joined(separator: ", ")): only with --invariance")
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
      let audit = try await InvarianceAudit(
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

  private var tiling: SeamAudit.Tiling? {
    get throws {
      guard let tile = inference.tile, let overlap = inference.overlap else { return nil }
      return try SeamAudit.Tiling(size: tile, overlap: overlap)
    }
  }

  private func finish(_ seams: SeamAudit, _ report: InvarianceReport?) throws {
    let invariance = report.map(InvarianceSummary.init)
    try show(seams, invariance)
    if let places { try seams.writePlaces(to: places, overwrite: overwrite) }
    let complaints =
      complaints(of: seams) + (invariance?.complaints(aboveChange: failAboveChange) ?? [])
    for complaint in complaints { Console.error("relief: \(complaint)") }
    guard complaints.isEmpty else { throw ExitCode(1) }  // a check failed
    if let failed = report?.failedTiles, !failed.isEmpty { throw Self.refusal(failed) }
  }

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

  /// The figures that are above what was asked for; empty where none is, or nothing was asked.
  private func complaints(of audit: SeamAudit) -> [String] {
    guard let failAbove else { return [] }
    let failed = audit.figures(above: failAbove)
    guard !failed.isEmpty else { return [] }
    let texts = failed.map { figure in
      figure.name + (figure.ratio.map { String(format: " %.3f", $0) } ?? "")
    }
    return [
      "\(dem) has figures above what was asked for: \(texts.joined(separator: ", ")), "
        + "expected at most \(failAbove)"
    ]
  }

  /// As of `infer`: what was not compared is never a success.
  private static func refusal(_ failed: [FailedTile]) -> SceneError {
    SceneError(
      failed.kind == .io ? .io : .badData,
      "\(failed.count) tiles of the runs failed, so not all was compared; the runs are kept, and the same command "
        + "tries these tiles again")
  }
}

import ArgumentParser
import Foundation
import Grids
import Scenes

/// `relief audit DEM`.
struct Audit: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says whether the tiles can be seen in a height raster, and where.",
    discussion: """
      Five figures, each 1 where the tiles can't be told, with the standard error where the lines are many enough to tell \
      it: steps in height and in slope along the lines where tiles begin and end over those 8 and 16 pixels beside them; \
      the power of the hillshade at the grid's frequency over that beside it, the mean of four harmonics; the variance of \
      detail in the overlaps over that beside them; broad steps, rises over whole overlaps over those beside them. \
      The heights' unit doesn't matter.

      An output of relief tells where its tiles lie. Of another raster say it with --tile and --overlap; \
      its first tile begins at the upper left corner. The first band counts.

      Examples:
        relief audit dem.tif --places seams.gpkg
        relief audit dem.tif --fail-above 1.3
        relief audit other.tif --tile 512 --overlap 64 --json
      """)

  @Argument(help: ArgumentHelp("The height raster.", valueName: "dem"))
  var dem: String

  @Option(
    help: ArgumentHelp("The size of its tiles, where its tags don't say.", valueName: "pixels"))
  var tile: Int?

  @Option(help: ArgumentHelp("How far they overlap.", valueName: "pixels"))
  var overlap: Int?

  @Option(
    help: ArgumentHelp("A layer of the 100 worst tile edges, NAME.gpkg.", valueName: "path"))
  var places: String?

  @Flag(help: "Replace the file of --places.")
  var overwrite = false

  @Option(
    help: ArgumentHelp(
      "End with 1 if a figure is above this (detail: or below one over it).", valueName: "ratio"))
  var failAbove: Double?

  @Flag(help: "One JSON object, for programs.")
  var json = false

  func validate() throws {
    guard (tile == nil) == (overlap == nil) else {
      throw ValidationError("--tile and --overlap are given together, or neither")
    }
    try Limits.pixels.check("--tile", tile)
    if let failAbove, !(failAbove.isFinite && failAbove >= 1) {
      throw ValidationError("--fail-above \(failAbove), expected 1 or more, where 1 is no seam")
    }
    if let places, !places.lowercased().hasSuffix(".gpkg") {
      throw ValidationError("--places \(places), expected NAME.gpkg")
    }
    guard !overwrite || places != nil else {
      throw ValidationError("--overwrite is for the file of --places")
    }
  }

  func run() throws {
    var tiling: SeamAudit.Tiling?
    if let tile, let overlap { tiling = try SeamAudit.Tiling(size: tile, overlap: overlap) }
    let audit = try SeamAudit(of: dem, tiling: tiling)
    try show(audit)
    if let places { try audit.writePlaces(to: places, overwrite: overwrite) }
    try check(audit)
  }

  private func show(_ audit: SeamAudit) throws {
    let summary = AuditSummary(audit)
    guard json else {
      let size = (audit.lines.columns.extent, audit.lines.rows.extent)
      let tiles = audit.lines.tiles
      Console.output("raster    \(audit.path), \(size.0) × \(size.1) pixels")
      Console.output(
        "tiles     \(tiles.columns) × \(tiles.rows) of \(tiles.tileWidth) × \(tiles.tileHeight) pixels, "
          + "overlap \(tiles.overlap), on \(tiles.width) × \(tiles.height)")
      for line in summary.lines { Console.output(line) }
      return
    }
    let data = try JSONSerialization.data(
      withJSONObject: summary.object, options: [.sortedKeys, .withoutEscapingSlashes])
    Console.output(String(decoding: data, as: UTF8.self))
  }

  /// Ends with 1, a check that was asked for and failed.
  private func check(_ audit: SeamAudit) throws {
    guard let failAbove else { return }
    let failed = audit.figures(above: failAbove)
    guard !failed.isEmpty else { return }
    let texts = failed.map { figure in
      figure.name + (figure.ratio.map { String(format: " %.3f", $0) } ?? "")
    }
    Console.error(
      "relief: the tiles of \(dem) can be seen: \(texts.joined(separator: ", ")), "
        + "expected at most \(failAbove)")
    throw ExitCode(1)
  }
}

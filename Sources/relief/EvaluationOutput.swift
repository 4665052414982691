import ArgumentParser
import DepthModels
import Foundation
import Learning
import Scenes
import Tensors

/// How an evaluation is done, and where its report goes.
struct EvaluationOutput: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Metres from pixel to pixel, of rasters that don't say where they lie.", valueName: "m"))
  var gsd: Double?

  @Option(help: "Tiles of the heights, in pixels, where tags don't tell; with --overlap.")
  var tile: Int?

  @Option(help: "By how many pixels those tiles overlap.")
  var overlap: Int?

  @Flag(
    inversion: .prefixedNo,
    help: "The perceptual distance of the paper's metrics, which takes longest.")
  var lpips = true

  @Option(
    help: ArgumentHelp(
      "Forms broader than this, or than 256 pixels, don't count in the correlation.",
      valueName: "km"))
  var band: Double = 5

  @Option(
    help: ArgumentHelp("Where scratch files lie. Default: $TMPDIR or /tmp.", valueName: "folder"))
  var scratch: String?

  @Option(help: "Threads. Default: all cores. The figures don't depend on it.")
  var threads: Int?

  @Option(help: ArgumentHelp("All figures with their ranges, as CSV.", valueName: "path"))
  var csv: String?

  @Option(help: ArgumentHelp("A page with tables, maps and charts.", valueName: "path"))
  var html: String?

  @Flag(help: "One JSON object instead of tables, for programs.")
  var json = false

  @Flag(help: "Replace the files of --csv and --html.")
  var overwrite = false

  func validate() throws {
    if let scratch {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: scratch, isDirectory: &isFolder),
        isFolder.boolValue
      else { throw ValidationError("--scratch \(scratch) is no folder") }
    }
    guard (tile == nil) == (overlap == nil) else {
      throw ValidationError("--tile and --overlap are given together, or neither")
    }
    if let gsd, !(gsd.isFinite && gsd > 0) {
      throw ValidationError("--gsd \(gsd), expected metres above 0")
    }
    guard band.isFinite, band > 0 else {
      throw ValidationError("--band \(band), expected kilometres above 0")
    }
    try Limits.threads.check("--threads", threads)
  }

  /// - Parameters:
  ///   - request: What is completed.
  ///   - site: Which of several, from 0: blocks of each are drawn by draws of its own.
  /// - Throws: `ModelError` where the weights of LPIPS are not there; `SceneError` for a tiling that can't be.
  func configure(_ request: inout EvaluationRequest, site: Int) throws {
    request.bootstrap.seed += UInt64(site)
    request.gsdInMeters = gsd
    if let tile, let overlap {
      request.tiling = try SeamAudit.Tiling(size: tile, overlap: overlap)
    }
    request.bandInMeters = band * 1000
    request.scratchFolder = scratch
    if lpips { request.lpips = try LPIPS.located() }
  }

  /// Runs with the threads asked for.
  func working<Value>(_ body: () throws -> Value) rethrows -> Value {
    try Parallel.$workers.withValue(
      threads ?? ProcessLimits().processors, operation: body)
  }

  /// Looks at the files before anything is done.
  func files() throws -> ReportFiles { try ReportFiles([csv, html], overwrite: overwrite) }

  /// Tables first: what can't be written then is not lost.
  func write(_ report: EvaluationReport, to files: ReportFiles) throws {
    if json {
      Console.output(String(decoding: try report.json(), as: UTF8.self))
    } else {
      for line in report.lines { Console.output(line) }
    }
    if let csv { try files.write(report.csv, to: csv) }
    if let html { try files.write(report.html(), to: html) }
  }
}

import ArgumentParser
import DepthModels
import Foundation
import Evaluation
import Reports
import Scenes
import Tensors

/// The options of an evaluation, and where its report is written.
struct EvaluationOutput: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The pixel size in meters of rasters without georeferencing, above 0.", valueName: "m"))
  var gsd: Double?

  @Option(
    help: "The tile size of the heights in pixels, if tags do not give it; requires --overlap.")
  var tile: Int?

  @Option(help: "The overlap of those tiles in pixels, 0 to half a tile; requires --tile.")
  var overlap: Int?

  @Flag(
    inversion: .prefixedNo,
    help: "Whether to compute LPIPS, the perceptual distance, which is the slowest metric.")
  var lpips = true

  @Option(
    help: ArgumentHelp(
      "The longest wavelength in the correlation in km, above 0: broader landforms, or beyond 256 pixels, are ignored.",
      valueName: "km"))
  var longestWavelength: Double = 5

  @Option(
    help: ArgumentHelp(
      "The folder for scratch files. Default: $TMPDIR or /tmp.", valueName: "folder"))
  var scratch: String?

  @Option(
    help: "Number of threads, 1 to 1024. Does not change the result. Default: one per processor.")
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "Write all metrics with their intervals to this CSV file.", valueName: "path"))
  var csv: String?

  @Option(
    help: ArgumentHelp(
      "Write a page with tables, maps and charts to this HTML file.", valueName: "path"))
  var html: String?

  @Flag(help: "Print one JSON object instead of tables.")
  var json = false

  @Flag(help: "Replace existing files of --csv and --html.")
  var overwrite = false

  func validate() throws {
    if let scratch {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: scratch, isDirectory: &isFolder),
        isFolder.boolValue
      else {
        throw ValidationError("--scratch \(scratch) is not a folder, expected an existing one")
      }
    }
    guard (tile == nil) == (overlap == nil) else {
      throw ValidationError("--tile and --overlap must be given together")
    }
    if let gsd, !(gsd.isFinite && gsd > 0) {
      throw ValidationError("--gsd \(gsd), expected a pixel size in meters above 0")
    }
    guard longestWavelength.isFinite, longestWavelength > 0 else {
      throw ValidationError(
        "--longest-wavelength \(longestWavelength), expected kilometers above 0")
    }
    try Limits.threads.check("--threads", threads)
  }

  /// Sets the options of a request.
  ///
  /// - Parameters:
  ///   - request: The request to complete.
  ///   - site: The index of the site, from 0, which selects the random seed of its bootstrap.
  /// - Throws: `ModelError` if the LPIPS weights are missing; `SceneError` for an invalid tiling.
  func configure(_ request: inout EvaluationRequest, site: Int) throws {
    request.bootstrap.seed += UInt64(site)
    request.gsdInMeters = gsd
    if let tile, let overlap {
      request.tiling = try SeamAudit.Tiling(size: tile, overlap: overlap)
    }
    request.longestWavelengthInMeters = longestWavelength * 1000
    request.scratchFolder = scratch
    if lpips { request.lpips = try LPIPS.located() }
  }

  /// Runs a closure with the requested number of threads.
  func withThreads<Value>(_ body: () throws -> Value) rethrows -> Value {
    try Parallel.$workers.withValue(
      threads ?? ProcessLimits().processors, operation: body)
  }

  /// Checks the report files before any work is done.
  func files() throws -> ReportFiles { try ReportFiles([csv, html], overwrite: overwrite) }

  /// Prints the report and writes its files.
  ///
  /// The tables are printed first, so that they are not lost if a file cannot be written.
  func write(_ report: EvaluationReport, to files: ReportFiles) throws {
    if json {
      Console.output(String(decoding: try report.json(), as: UTF8.self))
    } else {
      for line in report.lines { Console.output(line) }
    }
    if let csv { try files.write(report.csv, to: csv) }
    if let html { try files.write(report.html(), to: html) }
  }

  /// Prints a report of sharpened cells, and writes its files.
  func write(_ report: SharpeningReport, to files: ReportFiles) throws {
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
      Console.output(String(decoding: try encoder.encode(report), as: UTF8.self))
    } else {
      for line in report.text.split(separator: "\n") { Console.output(String(line)) }
    }
    if let csv { try files.write(report.csv, to: csv) }
  }
}

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
    help: ArgumentHelp("Forms broader than this don't count in the correlation.", valueName: "km"))
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
      threads ?? ProcessInfo.processInfo.activeProcessorCount, operation: body)
  }

  /// Refuses files that exist before anything is done.
  func checkFiles() throws {
    for path in [csv, html].compactMap({ $0 }) {
      guard overwrite || !FileManager.default.fileExists(atPath: path) else {
        throw SceneError(.cannotCreate, "\(path) exists and was not to be overwritten")
      }
    }
  }

  func write(_ report: EvaluationReport) throws {
    if let csv { try Self.write(Data(report.csv.utf8), to: csv) }
    if let html { try Self.write(Data(report.html().utf8), to: html) }
    if json {
      Console.output(String(decoding: try report.json(), as: UTF8.self))
    } else {
      for line in report.lines { Console.output(line) }
    }
  }

  private static func write(_ data: Data, to path: String) throws {
    do {
      try data.write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw SceneError(.cannotCreate, "\(path) can't be written: \(error.localizedDescription)")
    }
  }
}

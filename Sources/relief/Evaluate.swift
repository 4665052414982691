import ArgumentParser
import DepthModels
import Foundation
import Grids
import Pairs
import Evaluation
import Rasters
import Scenes
import Tensors

/// The command `relief evaluate`, which compares heights with a reference DEM, for one raster or a list of pairs.
struct Evaluate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Evaluates heights against a reference DEM, in meters and by the paper's metrics, with baselines.",
    usage: """
      relief evaluate <heights> <reference> [<options>]
      relief evaluate --pairs <list> [<options>]
      """,
    discussion: """
      The two rasters may have any grid and CRS. They are compared on the grid of the coarser one, to which the \
      finer one is averaged, over the pixels that are valid in both. Heights in meters are evaluated as they are; \
      all heights are evaluated after fitting one robust scale and offset for the whole site. Both are done at the \
      original position and after coregistration with the reference (Nuth and Kääb). Intervals are 95 % intervals of \
      a block bootstrap.

      The paper's metrics are means over images of 512 × 512 pixels without voids, or over the whole of a smaller \
      raster.

      The baselines are the mean of the reference and a plane fitted to it, which are oracle baselines; with \
      --image, its blurred brightness, fitted with the better sign; with --anchor, enlargements of the coarse DEM, \
      with and without the detail of the image. With --against, other heights are evaluated too, such as those of \
      another model or an earlier run.

      With --pairs (see `relief pairs`), the DEMs are the references, and heights are inferred from the images \
      unless the list names a height raster. A pair that cannot be evaluated does not stop the others; the report \
      gives the reason, and the command exits with 65.

      Memory is bounded. Scratch files of a few times the size of the rasters are written to --scratch.

      Examples:
        relief evaluate out.tif dem.tif --image scene.tif --html report.html
        relief evaluate out.tif copernicus.tif --anchor srtm90.tif --csv figures.csv
        relief evaluate mine.tif dem.tif --against before=yesterday.tif --against theirs=their.tif
        relief evaluate --pairs held-out.csv --model my-bundle --html report.html
      """)

  @Argument(
    help: ArgumentHelp(
      "The heights to evaluate (larger is higher), then the reference in meters; the first band of each.",
      valueName: "raster"))
  var rasters: [String] = []

  @Option(
    help: ArgumentHelp(
      "A list of pairs to evaluate instead of two rasters: CSV, JSON or an RS3DBench folder.",
      valueName: "list"))
  var pairs: String?

  @Option(help: "Evaluate only the pairs with this split: train, validation or test.")
  var split: Pair.Split?

  @OptionGroup var model: PairInferenceArguments

  @Option(help: "The image from which the heights were computed, for baselines that use it.")
  var image: String?

  @Option(
    help: ArgumentHelp(
      "The band numbers of red, green and blue in the image. Default: detected.", valueName: "r,g,b"
    ))
  var bands: NumberList?

  @Option(help: "A coarse DEM in meters, for baselines that enlarge it.")
  var anchor: String?

  @Option(
    name: .customLong("against"),
    help: ArgumentHelp(
      "Other heights of the same area, evaluated alike; repeatable. {name} in the path is the name of the pair.",
      valueName: "name=raster"))
  var rivals: [KeyValue] = []

  @Option(
    help: "A water mask, not 0 on water. Default: water is where the reference is level.")
  var water: String?

  @Option(help: "The unit of the heights: m, relative, or auto (m if the raster declares it).")
  var unit: EvaluationRequest.Unit = .automatic

  @Option(
    help: ArgumentHelp(
      """
      Report instead how much nearer to the DEM its cells of so many pixels, such as 10,5,3, come when they are \
      sharpened as by infer --reference. Needs images. With --anchor, that DEM's cells are sharpened.
      """, valueName: "n,n,…"))
  var cells: NumberList?

  @OptionGroup var output: EvaluationOutput

  func validate() throws {
    if let cells {
      guard !cells.numbers.isEmpty, cells.numbers.allSatisfy({ (2...1000).contains($0) }) else {
        throw ValidationError("--cells expects numbers of pixels from 2 to 1000, such as 10,5,3")
      }
      if output.html != nil { throw ValidationError("--html: not valid with --cells") }
    }
    if pairs == nil {
      guard rasters.count == 2 else {
        throw ValidationError(
          "\(rasters.count) rasters, expected two (heights and reference) or --pairs LIST"
        )
      }
      let given = model.given + (split == nil ? [] : ["--split"])
      guard given.isEmpty else {
        throw ValidationError("\(given.joined(separator: ", ")): only valid with --pairs")
      }
    } else {
      let given = [
        ("--image", image != nil), ("--bands", bands != nil), ("--anchor", anchor != nil),
        ("--water", water != nil), ("--tile", output.tile != nil),
      ].filter(\.1).map(\.0)
      guard rasters.isEmpty, given.isEmpty else {
        throw ValidationError(
          "\((rasters + given).joined(separator: ", ")): not valid with --pairs, whose list names the rasters"
        )
      }
    }
  }

  func run() async throws {
    let files = try output.files()
    if let cells { return try await sharpen(cells.numbers, files) }
    let results = try await evaluated { try SiteEvaluation.evaluate($0) }
    let sites = results.compactMap { try? $0.get() }
    let failures = results.compactMap(\.failure)
    guard !sites.isEmpty else {
      throw failures.first ?? SceneError(.badData, "no pair could be evaluated")
    }
    try output.write(EvaluationReport(sites, leftOut: failures.map(\.message)), to: files)
    try requireAll(results)
  }

  /// Evaluates the two rasters of the arguments, or the pairs of the list.
  private func evaluated<Site: Sendable>(
    _ evaluate: @escaping @Sendable (EvaluationRequest) throws -> Site
  ) async throws -> [Result<Site, SceneError>] {
    let work = Task { () async throws -> [Result<Site, SceneError>] in
      if let pairs { return try await self.evaluated(list: pairs, evaluate) }
      return [.success(try output.withThreads { try evaluate(request()) })]
    }
    return try await Interruption.cancelling(work, losing: "no results of the evaluation are kept")
  }

  /// Sharpens cells of each DEM, and reports what that changes.
  private func sharpen(_ cells: [Int], _ files: ReportFiles) async throws {
    let results = try await evaluated { try SharpeningTrial.run($0, cells: cells) }
    try output.write(SharpeningReport(results.flatMap { (try? $0.get()) ?? [] }), to: files)
    try requireAll(results)
  }

  /// Throws if a pair could not be evaluated.
  private func requireAll<Site>(_ results: [Result<Site, SceneError>]) throws {
    let failures = results.compactMap(\.failure)
    guard failures.isEmpty else {
      throw SceneError(
        .badData,
        (["\(failures.count) of \(results.count) pairs could not be evaluated:"]
          + failures.map { "  \($0.message)" }).joined(separator: "\n"))
    }
  }

  /// The request of the two rasters of the arguments.
  private func request() throws -> EvaluationRequest {
    var request = EvaluationRequest(
      name: URL(filePath: rasters[0]).deletingPathExtension().lastPathComponent,
      heights: rasters[0], reference: rasters[1])
    request.image = image
    request.bands = bands?.numbers
    request.anchor = anchor
    request.water = water
    request.unit = unit
    request.rivals = rivals(of: request.name)
    try output.configure(&request, site: 0)
    return request
  }

  /// The rasters of --against for a site.
  private func rivals(of site: String) -> [EvaluationRequest.Rival] {
    rivals.map {
      .init(name: $0.key, raster: $0.value.replacingOccurrences(of: "{name}", with: site))
    }
  }

  /// Evaluates the pairs of a list, in order.
  private func evaluated<Site>(
    list: String, _ evaluate: (EvaluationRequest) throws -> Site
  ) async throws -> [Result<Site, SceneError>] {
    let pairs = try PairList(reading: list).pairs.filter { split == nil || $0.split == split }
    guard !pairs.isEmpty else {
      throw SceneError(.usage, "\(list) has no pairs with the split \(split?.rawValue ?? "any")")
    }
    let inference = try PairInference(model, scratch: output.scratch, threads: output.threads)
    var results: [Result<Site, SceneError>] = []
    for (index, pair) in pairs.enumerated() {
      Console.error("\(index + 1) of \(pairs.count): \(pair.name)")
      do {
        let heights = try await inference.heights(of: pair)
        var request = EvaluationRequest(name: pair.name, heights: heights, reference: pair.dem)
        request.image = pair.image
        request.bands = pair.bands
        request.unit = unit
        request.rivals = rivals(of: pair.fileName)
        try output.configure(&request, site: index)
        results.append(.success(try output.withThreads { try evaluate(request) }))
      } catch let error where !Interruption.isCancellation(error) {
        results.append(.failure(SceneError(.badData, "\(pair.name): \(error)")))
      }
    }
    return results
  }
}

extension Result where Failure == SceneError {
  fileprivate var failure: SceneError? {
    if case .failure(let error) = self { error } else { nil }
  }
}

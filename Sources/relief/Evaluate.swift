import ArgumentParser
import DepthModels
import Foundation
import Grids
import Learning
import Rasters
import Scenes
import Tensors

/// `relief evaluate HEIGHTS REFERENCE`, or a list of pairs.
struct Evaluate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Judges heights by a reference DEM: in metres, by the paper's metrics, beside baselines.",
    usage: """
      relief evaluate <heights> <reference> [<options>]
      relief evaluate --pairs <list> [<options>]
      """,
    discussion: """
      The two rasters may lie on any grids in any CRSs. They are compared on the grid of the coarser one, to which the \
      finer is averaged; pixels count that both have. Heights are judged as they are where they are metres, and after one \
      robust scale and shift for the whole site; each as they lie, and moved onto the reference (Nuth and Kääb). Ranges \
      hold 95 % of a bootstrap over blocks of ground.

      The paper's metrics are the mean over images of 512 × 512 pixels, or the whole of a smaller raster, without voids.

      Beside them stand the mean of the reference and a plane fitted to it, which only who knows the truth has; with \
      --image its blurred brightness, fitted with the better sign; with --anchor the coarse DEM's enlargements, also with \
      the image's detail. With --against stand other heights, such as another model's or an earlier run's.

      Of a list (see `relief pairs`) the DEMs are the reference and the images are seen by the model, where the list \
      doesn't name heights that were inferred already. A pair that can't be judged doesn't stop the others; the report \
      says why, and the command ends with 65.

      Memory is bounded; scratch files of a few times the rasters' size lie in --scratch.

      Examples:
        relief evaluate out.tif dem.tif --image scene.tif --html report.html
        relief evaluate out.tif copernicus.tif --anchor srtm90.tif --csv figures.csv
        relief evaluate mine.tif dem.tif --against before=yesterday.tif --against theirs=their.tif
        relief evaluate --pairs held-out.csv --model my-bundle --html report.html
      """)

  @Argument(
    help: ArgumentHelp(
      "The heights that are judged, upward positive, then the truth in metres; first bands.",
      valueName: "raster"))
  var rasters: [String] = []

  @Option(
    help: ArgumentHelp("Pairs instead of two rasters: CSV, JSON or a folder.", valueName: "list"))
  var pairs: String?

  @Option(help: "Only pairs of the list with this split: train, validation or test.")
  var split: Pair.Split?

  @OptionGroup var model: EvaluatedModel

  @Option(help: "The image that the heights were made of, for baselines that look at it.")
  var image: String?

  @Option(help: ArgumentHelp("Its red, green and blue, if they are not clear.", valueName: "r,g,b"))
  var bands: NumberList?

  @Option(help: "A coarse DEM in metres, for baselines that enlarge it.")
  var anchor: String?

  @Option(
    name: .customLong("against"),
    help: ArgumentHelp(
      "Other heights of the same ground, fitted alike; may be given several times. {name} in the path is a list's pair.",
      valueName: "name=raster"))
  var rivals: [KeyValue] = []

  @Option(
    help: "A raster that is not 0 where there is water. Default: where the reference is level.")
  var water: String?

  @Option(help: "What the heights are: m, relative, or auto (m where the raster's unit says so).")
  var unit: EvaluationRequest.Unit = .automatic

  @OptionGroup var output: EvaluationOutput

  func validate() throws {
    if pairs == nil {
      guard rasters.count == 2 else {
        throw ValidationError(
          "\(rasters.count) rasters, expected two: the heights and their reference; or --pairs LIST"
        )
      }
      let given = model.given + (split == nil ? [] : ["--split"])
      guard given.isEmpty else {
        throw ValidationError("\(given.joined(separator: ", ")): only with --pairs")
      }
    } else {
      let given = [
        ("--image", image != nil), ("--bands", bands != nil), ("--anchor", anchor != nil),
        ("--water", water != nil), ("--tile", output.tile != nil),
      ].filter(\.1).map(\.0)
      guard rasters.isEmpty, given.isEmpty else {
        throw ValidationError(
          "\((rasters + given).joined(separator: ", ")): not with --pairs, whose list names rasters"
        )
      }
    }
  }

  func run() async throws {
    let files = try output.files()
    let work = Task {
      if let pairs { try await judge(list: pairs) } else { [try judgeOne()] }
    }
    let judged = try await Interruption.cancelling(
      work, losing: "nothing of the evaluation is kept")
    let sites = judged.compactMap { try? $0.get() }
    let failures = judged.compactMap(\.failure)
    guard !sites.isEmpty else {
      throw failures.first ?? SceneError(.badData, "no pair could be judged")
    }
    try output.write(EvaluationReport(sites, leftOut: failures.map(\.message)), to: files)
    guard failures.isEmpty else {
      throw SceneError(
        .badData,
        (["\(failures.count) of \(judged.count) pairs could not be judged:"]
          + failures.map { "  \($0.message)" }).joined(separator: "\n"))
    }
  }

  private func judgeOne() throws -> Result<Evaluation, SceneError> {
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
    return .success(try output.working { try Evaluation(request) })
  }

  private func rivals(of site: String) -> [EvaluationRequest.Rival] {
    rivals.map {
      .init(name: $0.key, raster: $0.value.replacingOccurrences(of: "{name}", with: site))
    }
  }

  private func judge(list: String) async throws -> [Result<Evaluation, SceneError>] {
    let pairs = try PairList(reading: list).pairs.filter { split == nil || $0.split == split }
    guard !pairs.isEmpty else {
      throw SceneError(.usage, "\(list) has no pairs with the split \(split?.rawValue ?? "any")")
    }
    let inference = try SiteInference(model, scratch: output.scratch, threads: output.threads)
    var results: [Result<Evaluation, SceneError>] = []
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
        results.append(.success(try output.working { try Evaluation(request) }))
      } catch let error where !(error is CancellationError) {
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

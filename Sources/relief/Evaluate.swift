import ArgumentParser
import DepthModels
import Foundation
import Learning
import Rasters
import Scenes
import Tensors

/// `relief evaluate HEIGHTS REFERENCE`.
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Judges heights by a reference DEM: in metres, by the paper's metrics, beside baselines.",
    discussion: """
      The two rasters may lie on any grids in any CRSs. They are compared on the grid of the coarser one, to which the \
      finer is averaged; pixels count that both have. Heights are judged as they are where they are metres, and after one \
      robust scale and shift for the whole site; each as they lie, and moved onto the reference (Nuth and Kääb). Ranges \
      hold 95 % of a bootstrap over blocks of ground.

      Beside them stand the mean of the reference and a plane fitted to it, which only who knows the truth has; with \
      --image its blurred brightness, fitted with the better sign; with --anchor the coarse DEM's enlargements, also with \
      the image's detail.

      Memory is bounded; scratch files of a few times the rasters' size lie in --scratch.

      Examples:
        relief evaluate out.tif dem.tif --image scene.tif --html report.html
        relief evaluate out.tif copernicus.tif --anchor srtm90.tif --csv figures.csv
      """)

  @Argument(help: "The heights that are judged, upward positive; the first band.")
  var heights: String

  @Argument(help: "The truth in metres; the first band.")
  var reference: String

  @Option(help: "The image that the heights were made of, for baselines that look at it.")
  var image: String?

  @Option(help: ArgumentHelp("Its red, green and blue, if they are not clear.", valueName: "r,g,b"))
  var bands: NumberList?

  @Option(help: "A coarse DEM in metres, for baselines that enlarge it.")
  var anchor: String?

  @Option(
    help: "A raster that is not 0 where there is water. Default: where the reference is level.")
  var water: String?

  @Option(help: "What the heights are: m, relative, or auto (m where the raster says so).")
  var unit: EvaluationRequest.Unit = .automatic

  @Option(
    help: ArgumentHelp(
      "Metres from pixel to pixel, of rasters that don't say where they lie.", valueName: "m"))
  var gsd: Double?

  @OptionGroup var output: EvaluationOutput

  func validate() throws {
    if let gsd, !(gsd.isFinite && gsd > 0) {
      throw ValidationError("--gsd \(gsd), expected metres above 0")
    }
  }

  func run() throws {
    var request = EvaluationRequest(
      name: URL(filePath: heights).deletingPathExtension().lastPathComponent, heights: heights,
      reference: reference)
    request.image = image
    request.bands = bands?.numbers
    request.anchor = anchor
    request.water = water
    request.unit = unit
    request.gsdInMeters = gsd
    try output.configure(&request)
    try output.checkFiles()
    let evaluation = try output.working { try Evaluation(request) }
    try output.write(EvaluationReport([evaluation], bootstrap: request.bootstrap))
  }
}

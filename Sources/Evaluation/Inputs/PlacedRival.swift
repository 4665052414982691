import Files
import Rasters
import Scenes

/// Other heights on the grid of the evaluated ones.
struct PlacedRival {
  let name: String
  let path: String
  /// −1 if the raster is tagged as positive downward, otherwise 1.
  let sign: Double
  /// The name of its scratch files.
  let file: String

  init(
    _ rival: EvaluationRequest.Rival, number: Int, on own: RasterGrid, in scratch: ScratchFolder
  ) throws {
    name = rival.name
    file = "rival-\(number)"
    sign = try Dataset(reading: rival.raster).metadata()["POSITIVE"] == "down" ? -1 : 1
    path = try own.placing(
      rival.raster, "\(rival.name), \(rival.raster),", as: file + "-own", in: scratch)
  }
}

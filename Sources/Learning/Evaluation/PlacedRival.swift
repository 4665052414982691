import Rasters
import Scenes

/// Other heights, on the grid of those that are judged.
struct PlacedRival {
  let name: String
  let path: String
  /// −1 where the raster says that it grows downward.
  let sign: Double
  /// What scratch files of it are called.
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

import Grids
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

extension RasterGrid {
  /// Brings a raster onto this grid.
  ///
  /// - Parameters:
  ///   - path: The raster.
  ///   - title: What it is, for messages.
  ///   - file: What it is called if it must be warped.
  ///   - scratch: Where it lies then.
  /// - Returns: Its own path where it lies here, else that of the warped one.
  /// - Throws: `SceneError` where nothing brings it here.
  func placing(
    _ path: String, _ title: String, as file: String, in scratch: ScratchFolder
  ) throws -> String {
    let dataset = try Dataset(reading: path)
    guard try !RasterGrid(of: dataset, gsd: nil).isSame(as: self) else { return path }
    guard dataset.georeferencing.geoTransform != nil, grid.geoTransform != nil else {
      throw SceneError(
        .badData,
        "\(title) has \(dataset.width) × \(dataset.height) pixels, the heights have \(text), "
          + "and nothing brings them together")
    }
    let output = scratch.raster(file)
    try Warp.write(dataset, onto: grid, crs: crs, by: .bilinear, to: output)
    return output
  }
}

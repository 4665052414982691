import Files
import Grids
import Rasters
import Scenes

/// A coarse DEM upsampled to a finer grid: baselines that need no image.
struct Upsampling {
  let anchor: String
  let grid: RasterGrid
  let scratch: ScratchFolder

  /// The number of corrections, each of which adds the remaining error of the means over coarse pixels.
  private static let corrections = 4

  /// Upsamples by cubic convolution between pixel centers.
  func bicubic() throws -> String { try enlarged(anchor, by: .cubic, as: "bicubic") }

  /// Upsamples linearly and corrects the result until its mean over each coarse pixel matches the coarse DEM.
  ///
  /// After W. R. Tobler, Journal of the American Statistical Association 74, 1979, doi:10.1080/01621459.1979.10481647,
  /// with linear interpolation of the errors of the means as the smoothing.
  func areaPreserving() throws -> String {
    let coarse = try Dataset(reading: anchor)
    let whole = try RasterGrid(of: coarse, gsd: nil)
    guard let coarseGrid = try whole.part(coveredBy: grid) else {
      throw SceneError(.badData, "the anchor \(anchor) does not overlap the heights")
    }
    let anchor = scratch.raster("anchor")
    try Warp.write(
      coarse, onto: coarseGrid.grid, crs: coarseGrid.crs, by: .nearest, to: anchor)
    var result = try enlarged(anchor, by: .bilinear, as: "area-0")
    for round in 1...Self.corrections {
      let means = scratch.raster("means-\(round)")
      try Warp.write(
        Dataset(reading: result), onto: coarseGrid.grid, crs: coarseGrid.crs, by: .average,
        to: means, progress: { _ in !Task.isCancelled })
      let mean = try RasterSurface(means)
      let wanted = try RasterSurface(anchor)
      let wrong = try scratch.write("wrong-\(round)", on: coarseGrid) { window in
        zip(try wanted.heights(in: window), try mean.heights(in: window)).map { wanted, mean in
          mean.isNaN ? 0 : wanted - mean
        }
      }
      let correction = try RasterSurface(
        enlarged(wrong, by: .bilinear, as: "correction-\(round)"))
      let last = try RasterSurface(result)
      result = try scratch.write("area-\(round)", on: grid) { window in
        zip(try last.heights(in: window), try correction.heights(in: window)).map { $0 + $1 }
      }
    }
    return result
  }

  private func enlarged(
    _ path: String, by resampling: Warp.Resampling, as name: String
  ) throws -> String {
    let output = scratch.raster(name)
    try Warp.write(
      Dataset(reading: path), onto: grid.grid, crs: grid.crs, by: resampling, to: output,
      progress: { _ in !Task.isCancelled })
    return output
  }
}

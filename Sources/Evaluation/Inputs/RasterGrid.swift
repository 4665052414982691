import Files
import Grids
import Rasters
import Scenes

/// The grid of a raster, its CRS, and its pixel size on the ground.
struct RasterGrid {
  let grid: Grid
  let crs: CRS?
  /// The pixel size in meters; nil if unknown.
  let ground: GroundSampleDistance?

  init(grid: Grid, crs: CRS?, ground: GroundSampleDistance?) {
    (self.grid, self.crs, self.ground) = (grid, crs, ground)
  }

  /// Reads the grid of a raster; `gsd` is the pixel size in meters to use if the raster is not georeferenced.
  init(of dataset: borrowing Dataset, gsd: Double?) throws(RasterError) {
    grid = dataset.grid
    crs = dataset.georeferencing.crs
    let measured = try dataset.groundSampleDistance()
    ground = measured ?? gsd.map { GroundSampleDistance(x: $0, y: $0) }
  }

  /// Whether both grids have the same pixels.
  func isSame(as other: RasterGrid) -> Bool {
    guard grid.width == other.grid.width, grid.height == other.grid.height else { return false }
    switch (grid.geoTransform, other.grid.geoTransform) {
    case (nil, nil): return true
    case (let own?, let others?):
      guard isOneSystem(with: other) else { return false }
      // Within a hundredth of a pixel at three corners.
      return [(0, 0), (grid.width, 0), (0, grid.height)].allSatisfy { corner in
        let place = others.map(column: Double(corner.0), row: Double(corner.1))
        guard let pixel = own.pixel(x: place.x, y: place.y) else { return false }
        return abs(pixel.column - Double(corner.0)) < 0.01
          && abs(pixel.row - Double(corner.1)) < 0.01
      }
    default: return false
    }
  }

  /// Whether both have the same CRS, or none.
  private func isOneSystem(with other: RasterGrid) -> Bool {
    guard let crs, let otherCRS = other.crs else { return crs == nil && other.crs == nil }
    return crs.isSame(as: otherCRS)
  }

  /// Returns the part of this grid that another grid covers, in whole pixels; nil if they do not overlap.
  ///
  /// - Parameter other: The other grid.
  /// - Returns: This grid if the other one is not georeferenced.
  /// - Throws: `RasterError` if coordinates cannot be transformed.
  func part(coveredBy other: RasterGrid) throws -> RasterGrid? {
    guard let transform = other.grid.geoTransform, let crs, let otherCRS = other.crs else {
      return self
    }
    let bounds = transform.bounds(width: other.grid.width, height: other.grid.height)
    let local = crs.isSame(as: otherCRS) ? bounds : try crs.bounds(of: bounds, from: otherCRS)
    guard
      let window = grid.window(coveringX: local.minX...local.maxX, y: local.minY...local.maxY)
    else { return nil }
    let inside = window.intersection(grid.window)
    guard !inside.isEmpty else { return nil }
    return RasterGrid(grid: grid.cropped(to: inside), crs: crs, ground: ground)
  }

  /// Resamples a raster to this grid.
  ///
  /// - Parameters:
  ///   - path: The path of the raster.
  ///   - title: What the raster is, for messages.
  ///   - file: The name of the warped raster, if it must be warped.
  ///   - scratch: The folder of the warped raster.
  /// - Returns: The path of the raster itself if it is on this grid, otherwise of the warped one.
  /// - Throws: `SceneError` if the raster cannot be aligned.
  func placing(
    _ path: String, _ title: String, as file: String, in scratch: ScratchFolder
  ) throws -> String {
    let dataset = try Dataset(reading: path)
    guard try !RasterGrid(of: dataset, gsd: nil).isSame(as: self) else { return path }
    guard dataset.georeferencing.geoTransform != nil, grid.geoTransform != nil else {
      throw SceneError(
        .badData,
        "\(title) has \(dataset.width) × \(dataset.height) pixels, the heights have \(text): "
          + "expected georeferencing for both, or equal sizes")
    }
    let output = scratch.raster(file)
    try Warp.write(dataset, onto: grid, crs: crs, by: .bilinear, to: output)
    return output
  }

  var text: String {
    "\(grid.width) × \(grid.height) pixels"
      + (ground.map { " of \($0.x.text(decimals: 1)) × \($0.y.text(decimals: 1)) m" } ?? "")
  }
}

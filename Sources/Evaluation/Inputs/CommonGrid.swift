import Files
import Grids
import Rasters
import Scenes

/// The grid on which heights and reference are compared, and how rasters are resampled to it.
///
/// It is the coarser of the two grids, restricted to their overlap; the finer raster is averaged, so that neither is
/// expected to have detail that its pixels cannot resolve. If pixel sizes are equal within 5 %, it is the reference's
/// grid.
struct CommonGrid {
  let target: RasterGrid
  /// The resampling of the heights and of everything on their grid.
  let heights: Resampling
  /// The resampling of the reference.
  let reference: Resampling

  /// How a raster is resampled to the common grid.
  enum Resampling: String, Sendable, Codable {
    case asItIs = "unchanged"
    case bilinear
    case average = "averaged"

    var method: Warp.Resampling { self == .average ? .average : .bilinear }
  }

  /// From this ratio of pixel sizes, the finer raster is averaged.
  private static let sizeRatioTolerance = 1.05

  /// Chooses the common grid.
  ///
  /// - Parameters:
  ///   - heights: The heights' grid.
  ///   - reference: The reference's grid.
  ///   - names: The names of the two rasters in messages.
  /// - Throws: `SceneError` if the two cannot be brought to one grid.
  init(
    heights: RasterGrid, reference: RasterGrid, names: (heights: String, reference: String)
  ) throws {
    if heights.isSame(as: reference) {
      target = RasterGrid(
        grid: reference.grid, crs: reference.crs, ground: reference.ground ?? heights.ground)
      (self.heights, self.reference) = (.asItIs, .asItIs)
      return
    }
    let bare = [(heights, names.heights), (reference, names.reference)].filter {
      $0.0.grid.geoTransform == nil
    }
    if bare.count == 2 {
      throw SceneError(
        .badData,
        "\(names.heights) has \(heights.text), \(names.reference) \(reference.text), and neither is "
          + "georeferenced: expected georeferencing or equal sizes")
    }
    if let (_, name) = bare.first {
      throw SceneError(
        .badData,
        "\(name) is not georeferenced, but the other raster is: expected georeferencing for both or neither"
      )
    }
    if let (_, name) = [(heights, names.heights), (reference, names.reference)].first(where: {
      $0.0.crs == nil
    }) {
      throw SceneError(
        .badData,
        "\(name) has a geotransform but no CRS, so its location on Earth is unknown: "
          + "assign one with gdal_edit.py -a_srs")
    }
    guard let ours = heights.ground?.mean, let theirs = reference.ground?.mean else {
      throw SceneError(
        .badData,
        "the pixel size of \(names.heights) or \(names.reference) on the ground is unknown")
    }
    let isReferenceFiner = ours > theirs * Self.sizeRatioTolerance
    let isReferenceCoarser = theirs > ours * Self.sizeRatioTolerance
    let (base, other) = isReferenceFiner ? (heights, reference) : (reference, heights)
    guard let part = try base.part(coveredBy: other) else {
      throw SceneError(
        .badData,
        "\(names.heights) and \(names.reference) do not overlap, according to their georeferencing"
      )
    }
    target = part
    self.heights =
      isReferenceFiner
      ? (part.isSame(as: heights) ? .asItIs : .bilinear)
      : isReferenceCoarser ? .average : .bilinear
    self.reference =
      isReferenceFiner ? .average : part.isSame(as: reference) ? .asItIs : .bilinear
  }

  /// Returns the path of a raster on the heights' grid after resampling to the common grid; its own if nothing changes.
  func place(_ path: String, as name: String, in scratch: ScratchFolder) throws -> String {
    try warp(path, heights, as: name, in: scratch)
  }

  /// Returns the path of the reference after resampling to the common grid.
  func placeReference(_ path: String, in scratch: ScratchFolder) throws -> String {
    try warp(path, reference, as: "reference", in: scratch)
  }

  private func warp(
    _ path: String, _ resampling: Resampling, as name: String, in scratch: ScratchFolder
  ) throws -> String {
    guard resampling != .asItIs else { return path }
    let output = scratch.raster(name + "-common")
    try Warp.write(
      Dataset(reading: path), onto: target.grid, crs: target.crs, by: resampling.method,
      to: output, progress: { _ in !Task.isCancelled })
    return output
  }
}

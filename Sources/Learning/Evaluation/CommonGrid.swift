import Grids
import Rasters
import Scenes

/// The grid on which heights and reference are compared, and the way of rasters to it.
///
/// It is that of the coarser of the two, where both are; the finer one is averaged, so that neither is asked for detail
/// that it cannot have. Of two that are equally fine within 5 % it is the reference's, which is left as it is.
struct CommonGrid {
  let target: RasterGrid
  /// Of the heights and what is derived on their grid.
  let heights: Resampling
  let reference: Resampling

  /// How a raster gets there.
  enum Resampling: String, Sendable, Codable {
    case asItIs = "as it is"
    case bilinear
    case average = "averaged"

    var method: Warp.Resampling { self == .average ? .average : .bilinear }
  }

  /// Above this ratio of pixel sizes the finer raster is averaged.
  private static let alike = 1.05

  /// - Parameters:
  ///   - heights: The heights' grid.
  ///   - reference: The reference's.
  ///   - names: Of the two rasters, for messages.
  /// - Throws: `SceneError` where the two cannot be brought together.
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
        "\(names.heights) has \(heights.text), \(names.reference) \(reference.text), and neither says where "
          + "it lies: expected the same size, or georeferencing")
    }
    if let (_, name) = bare.first {
      throw SceneError(
        .badData,
        "\(name) does not say where it lies, and the other raster does: nothing brings them together"
      )
    }
    if let (_, name) = [(heights, names.heights), (reference, names.reference)].first(where: {
      $0.0.crs == nil
    }) {
      throw SceneError(
        .badData,
        "\(name) has a geotransform and names no CRS, so nothing tells where on the Earth it lies: "
          + "gdal_edit.py -a_srs gives it one")
    }
    guard let ours = heights.ground?.mean, let theirs = reference.ground?.mean else {
      throw SceneError(
        .badData, "the pixels of \(names.heights) or \(names.reference) have no size on the ground")
    }
    let isReferenceFiner = ours > theirs * Self.alike
    let isReferenceCoarser = theirs > ours * Self.alike
    let (base, other) = isReferenceFiner ? (heights, reference) : (reference, heights)
    guard let part = try base.part(coveredBy: other) else {
      throw SceneError(
        .badData,
        "\(names.heights) and \(names.reference) do not overlap, by what they say of where they lie"
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

  /// The path of a raster on the common grid that lies on the grid of the heights; itself if they are one.
  func place(_ path: String, as name: String, in scratch: ScratchFolder) throws -> String {
    try warp(path, heights, as: name, in: scratch)
  }

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

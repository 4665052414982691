import Grids
import Rasters

/// How many pixels of two rasters have different bits.
public struct BitComparison: Hashable, Sendable {
  /// Pixels that were held against one another.
  public let comparedPixels: Int
  /// Those of them with different bits.
  public let differentPixels: Int

  /// Compares the first bands of two rasters of one size, strip by strip.
  ///
  /// - Parameters:
  ///   - first: a raster.
  ///   - second: another.
  ///   - overBoth: whether only pixels count that have a height in both, as where a tile failed in one; else all do.
  ///   - progress: called with the share that is done, 0…1.
  /// - Throws: as `HeightChange`.
  package init(
    _ first: String, _ second: String, overBoth: Bool, progress: (Double) -> Void = { _ in }
  ) throws {
    let whole = try Dataset(reading: first).grid.window
    var (compared, different) = (0, 0)
    try RasterPair(first, whole, second).forEachStrip { a, b, share in
      for (a, b) in zip(a, b) where !(overBoth && (a.isNaN || b.isNaN)) {
        compared += 1
        // What has no height is NaN in both, whatever the file holds there.
        different += a.bitPattern == b.bitPattern || (a.isNaN && b.isNaN) ? 0 : 1
      }
      progress(share)
    }
    (comparedPixels, differentPixels) = (compared, different)
  }
}

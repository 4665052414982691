import Grids
import Rasters

/// How many pixels of two rasters have different bits.
public struct BitComparison: Hashable, Sendable {
  /// Pixels that were held against one another: all of them.
  public let comparedPixels: Int
  /// Those with different bits, or with a height in only one.
  public let differentPixels: Int

  /// Compares the first bands of two rasters of one size, strip by strip.
  ///
  /// - Parameters:
  ///   - first: a raster.
  ///   - second: another.
  ///   - progress: called with the share that is done, 0…1.
  /// - Throws: as `HeightChange`.
  package init(_ first: String, _ second: String, progress: (Double) -> Void = { _ in }) throws {
    let whole = try Dataset(reading: first).grid.window
    var different = 0
    try RasterPair(first, whole, second).forEachStrip { a, b, share in
      // What has no height is NaN in both, whatever the file holds there.
      different += zip(a, b).count { $0.bitPattern != $1.bitPattern && !($0.isNaN && $1.isNaN) }
      progress(share)
    }
    (comparedPixels, differentPixels) = (whole.pixelCount, different)
  }
}

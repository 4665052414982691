import Grids
import Rasters

/// The number of pixels that are not bit-identical in two rasters.
public struct BitComparison: Hashable, Sendable {
  /// The number of compared pixels, which is the number of pixels of either raster.
  public let comparedPixels: Int
  /// Pixels whose heights differ in any bit, or that have a height in only one raster.
  public let differentPixels: Int

  /// Compares the first bands of two rasters of the same size, strip by strip.
  ///
  /// - Parameters:
  ///   - first: The path of the first raster.
  ///   - second: The path of the second raster.
  ///   - progress: Called with the completed fraction, 0…1.
  /// - Throws: The errors of `HeightChange`.
  package init(_ first: String, _ second: String, progress: (Double) -> Void = { _ in }) throws {
    let whole = try Dataset(reading: first).grid.window
    var different = 0
    try RasterPair(first, whole, second).forEachStrip { a, b, share in
      // Pixels without a height are NaN here, whatever value the file stores.
      different += zip(a, b).count { $0.bitPattern != $1.bitPattern && !($0.isNaN && $1.isNaN) }
      progress(share)
    }
    (comparedPixels, differentPixels) = (whole.pixelCount, different)
  }
}

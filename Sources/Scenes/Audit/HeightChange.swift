package import Grids
import Surfaces

/// Statistics of the absolute height differences of two rasters, without any fit.
///
/// Only pixels with a height in both rasters are compared. Both rasters are read strip by strip, twice. Memory is
/// O(strip), time is O(pixels).
public struct HeightChange: Hashable, Sendable {
  /// The number of pixels with a height in both rasters.
  public let comparedPixels: Int
  /// The number of pixels with a height in only one raster.
  public let unmatchedPixels: Int
  /// The exact median of |Δ| in the rasters' unit; nil if no pixel is compared.
  ///
  /// For an even number of pixels, this is the lower of the two middle values.
  public let median: Double?
  /// The exact 95th percentile of |Δ|: the value of zero-based rank ⌊0.95 · (n − 1)⌋; nil if no pixel is compared.
  public let percentile95: Double?

  /// Compares the first band of a window of one raster with the first band of another raster.
  ///
  /// - Parameters:
  ///   - reference: The path of the raster with the window.
  ///   - window: A window in the reference's pixels, inside the reference.
  ///   - other: The path of a raster of the window's size.
  ///   - progress: Called with the completed fraction, 0…1.
  /// - Throws: `RasterError` if a raster cannot be read; `SceneError` if the sizes differ; `CancellationError`.
  package init(
    from reference: String, in window: Window, to other: String,
    progress: (Double) -> Void = { _ in }
  ) throws {
    let pair = try RasterPair(reference, window, other)
    var unmatched = 0
    var pass = 0
    let found = try StreamedQuantiles.find([0.5, 0.95]) { take in
      unmatched = 0
      try pair.forEachStrip { a, b, share in
        take(zip(a, b).map { abs($0 - $1) })  // NaN if either has no height
        unmatched += zip(a, b).count { $0.isNaN != $1.isNaN }
        progress((Double(pass) + share) / 2)
      }
      pass += 1
    }
    comparedPixels = found?.count ?? 0
    unmatchedPixels = unmatched
    median = (found?.values[0]).map(Double.init)
    percentile95 = (found?.values[1]).map(Double.init)
  }
}

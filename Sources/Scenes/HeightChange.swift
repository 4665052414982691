package import Grids
import Surfaces

/// How far the heights of two rasters lie apart where both have one; nothing is fitted.
///
/// Both are read strip by strip, twice; memory is bounded by a strip, time by the number of pixels.
public struct HeightChange: Hashable, Sendable {
  /// Pixels that have a height in both.
  public let comparedPixels: Int
  /// Pixels that have a height in only one of them.
  public let unmatchedPixels: Int
  /// The median of |Δ| in the rasters' unit, exact, the lower one of two in the middle; nil where nothing is compared.
  public let median: Double?
  /// The 95th percentile of |Δ|, likewise: that of rank ⌊0.95 · (n − 1)⌋ from below.
  public let percentile95: Double?

  /// Compares the first band of a raster's window with all of another's.
  ///
  /// - Parameters:
  ///   - reference: the raster with the window.
  ///   - window: in the reference's pixels, inside it.
  ///   - other: a raster of the window's size.
  ///   - progress: called with the share that is done, 0…1.
  /// - Throws: `RasterError` if one can't be read; `SceneError` if the sizes differ; `CancellationError`.
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
        take(zip(a, b).map { abs($0 - $1) })  // NaN where either has no height
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

package import Grids
package import Rasters

extension Dataset {
  /// Reads the first band of a window as `[row, column]`, NaN where it has no value.
  package borrowing func heights(in window: Window) throws -> [Float] {
    var pixels = try read(window, bands: [1])
    for pixel in pixels.values.indices where !pixels.isValid[pixel] { pixels.values[pixel] = .nan }
    return pixels.values
  }
}

extension Window {
  /// Full-width windows that cover this window from top to bottom, each of at most 2²⁰ pixels and 256 rows.
  ///
  /// A strip has at least one row, whatever its width.
  var strips: [Window] {
    let rows = min(256, max(1, (1 << 20) / max(width, 1)))
    return stride(from: row, to: self.rows.upperBound, by: rows).map { first in
      Window(
        column: column, row: first, width: width, height: min(rows, self.rows.upperBound - first))
    }
  }
}

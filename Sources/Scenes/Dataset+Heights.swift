package import Grids
package import Rasters

extension Dataset {
  /// The first band of a window as [row, column], NaN where it has no value.
  package borrowing func heights(in window: Window) throws -> [Float] {
    var pixels = try read(window, bands: [1])
    for pixel in pixels.values.indices where !pixels.isValid[pixel] { pixels.values[pixel] = .nan }
    return pixels.values
  }
}

extension Window {
  /// Windows of its whole width that together cover it, from the top: of a million pixels and 256 rows at most.
  var strips: [Window] {
    let rows = min(256, max(1, (1 << 20) / max(width, 1)))
    return stride(from: row, to: self.rows.upperBound, by: rows).map { first in
      Window(
        column: column, row: first, width: width, height: min(rows, self.rows.upperBound - first))
    }
  }
}

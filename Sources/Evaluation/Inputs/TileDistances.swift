import Files
import Grids
import Rasters
import Scenes

/// The distance of each pixel to the nearest tile edge.
enum TileDistances {
  /// The upper limits of the distance bins, in pixels of the heights; the last bin is unbounded.
  static let limits = [4.0, 8, 16, 32, 64, 128, .infinity]
  /// Returns the bin of a distance.

  static func index(of distance: Float) -> Int? {
    distance.isNaN ? nil : limits.firstIndex { Double(distance) <= $0 }
  }

  /// Writes the distance of each pixel to the nearest tile edge, on the heights' grid.
  ///
  /// - Parameters:
  ///   - lines: The tile edges.
  ///   - grid: The heights' grid.
  ///   - scratch: The folder to write to.
  /// - Returns: The path of the raster; nil if no edge is inside it.
  /// - Throws: `RasterError` if writing fails, `CancellationError`.
  static func write(
    _ lines: TileLines, on grid: RasterGrid, in scratch: ScratchFolder
  ) throws -> String? {
    guard !lines.columns.lines.isEmpty || !lines.rows.lines.isEmpty else { return nil }
    let columns = distances(lines.columns, grid.grid.width)
    let rows = distances(lines.rows, grid.grid.height)
    return try scratch.write("tile-distances", on: grid) { window in
      window.rows.flatMap { row in window.columns.map { min(columns[$0], rows[row]) } }
    }
  }

  /// Returns the distance from each pixel center to the nearest tile edge on one axis.
  private static func distances(_ axis: TileLines.Axis, _ count: Int) -> [Float] {
    let lines = axis.lines.map { Float($0.position) }
    return (0..<count).map { pixel in
      lines.map { abs($0 - Float(pixel) - 0.5) }.min() ?? .infinity
    }
  }
}

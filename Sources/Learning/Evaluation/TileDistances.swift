import Grids
import Rasters
import Scenes

/// How far each pixel lies from where a tile begins or ends.
enum TileDistances {
  /// The distances, in pixels of the heights, up to which errors are taken together; the last has no end.
  static let limits = [4.0, 8, 16, 32, 64, 128, .infinity]

  static func index(of distance: Float) -> Int? {
    distance.isNaN ? nil : limits.firstIndex { Double(distance) <= $0 }
  }

  /// Writes the distance of each pixel to the nearest line, on the grid of the heights.
  ///
  /// - Returns: nil where no line lies inside the raster.
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

  /// From pixel centres to the nearest boundary of two pixels that is a line.
  private static func distances(_ axis: TileLines.Axis, _ count: Int) -> [Float] {
    let lines = axis.lines.map { Float($0.position) }
    return (0..<count).map { pixel in
      lines.map { abs($0 - Float(pixel) - 0.5) }.min() ?? .infinity
    }
  }
}

package import Grids
package import Rasters
import Scenes

/// A sample of a DEM's heights as stored: evenly spaced rows, and the edges.
package struct HeightSample: Sendable {
  /// The heights in ascending order, without voids.
  package let sorted: [Float]
  /// The edges that start with lines of a single height: the number of such lines, up to 16, and that height.
  package let edges: [(side: String, lines: Int, height: Float)]

  private static let maxPixels = 1 << 21
  private static let maxEdgeLines = 16
  /// The minimum line length: fewer pixels may have equal heights by chance.
  private static let minLineLength = 16

  package init(sorted: [Float], edges: [(side: String, lines: Int, height: Float)] = []) {
    (self.sorted, self.edges) = (sorted, edges)
  }

  /// Reads a sample.
  ///
  /// - Parameters:
  ///   - dem: The DEM; only its first band is read.
  ///   - window: The window to sample.
  /// - Throws: `RasterError` if reading fails.
  package init(of dem: borrowing Dataset, _ window: Window) throws {
    let band = dem.bands[0]
    func heights(_ window: Window) throws -> [Float] {
      let samples = try dem.heights(in: window)
      guard band.scale != 1 || band.offset != 0 else { return samples }
      return samples.map { Float(Double($0) * band.scale + band.offset) }
    }
    let step = max(1, (window.pixelCount + Self.maxPixels - 1) / Self.maxPixels)
    var values: [Float] = []
    if step == 1 {
      values = try heights(window)
    } else {
      for row in stride(from: window.row, to: window.rows.upperBound, by: step) {
        values += try heights(
          Window(column: window.column, row: row, width: window.width, height: 1))
      }
    }
    sorted = values.filter { !$0.isNaN }.sorted()
    let depth = min(Self.maxEdgeLines, min(window.width, window.height) / 2)
    let (last, right) = (window.rows.upperBound - depth, window.columns.upperBound - depth)
    var edges: [(side: String, lines: Int, height: Float)] = []
    for (side, strip, isRow, isReversed) in [
      (
        "top", Window(column: window.column, row: window.row, width: window.width, height: depth),
        true, false
      ),
      (
        "bottom", Window(column: window.column, row: last, width: window.width, height: depth),
        true, true
      ),
      (
        "left", Window(column: window.column, row: window.row, width: depth, height: window.height),
        false, false
      ),
      (
        "right", Window(column: right, row: window.row, width: depth, height: window.height), false,
        true
      ),
    ] where depth > 0 {
      let values = try heights(strip)
      let count = Self.constantLines(
        (0..<depth).map { line in
          let index = isReversed ? depth - 1 - line : line
          return isRow
            ? Array(values[index * strip.width..<(index + 1) * strip.width])
            : stride(from: index, to: values.count, by: strip.width).map { values[$0] }
        })
      if let count { edges.append((side, count.lines, count.height)) }
    }
    self.edges = edges
  }

  /// Counts the leading lines whose pixels all have the first height; nil if the first line has several or voids.
  private static func constantLines(_ lines: [[Float]]) -> (lines: Int, height: Float)? {
    guard let first = lines.first?.first, !first.isNaN, (lines.first?.count ?? 0) >= minLineLength
    else { return nil }
    let count = lines.prefix { $0.allSatisfy { $0 == first } }.count
    return count > 0 ? (count, first) : nil
  }
}

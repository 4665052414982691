import Grids

/// The means of a surface over cells that are shifted by whole pixels; beyond its edges, the surface is continued.
///
/// Sums over squares as large as a cell are formed once at every place, so that each shift takes O(cells).
package struct MovingMeans {
  private let spline: CellSpline
  private let reach: Int
  /// The columns of `means`.
  private let width: Int
  /// The mean over the cell that begins at each place, from `reach` before the first pixel.
  private let means: [Float]

  /// Prepares the means of a surface, `[row, column]` of pixels, for shifts of up to `reach` pixels.
  package init(_ surface: [Float], on spline: CellSpline, reach: Int) {
    (self.spline, self.reach) = (spline, reach)
    let (side, pixels) = (spline.factor, spline.grid)
    let wide = (rows: pixels.height + 2 * reach, columns: pixels.width + 2 * reach)
    let width = wide.columns - side + 1
    self.width = width
    let columns = (0..<wide.columns).map { min(max($0 - reach, 0), pixels.width - 1) }
    /// The sums along a row.
    func sums(_ row: Int) -> [Double] {
      let start = min(max(row - reach, 0), pixels.height - 1) * pixels.width
      let line = columns.map { Double(surface[start + $0]) }
      var sum = line[..<side].reduce(0, +)
      return (0..<width).map { column in
        if column > 0 { sum += line[column + side - 1] - line[column - 1] }
        return sum
      }
    }
    let lines = (0..<wide.rows).map(sums)
    var total = [Double](repeating: 0, count: width)
    for line in lines[..<side] { for column in 0..<width { total[column] += line[column] } }
    let area = Double(side * side)
    means = (0...wide.rows - side).flatMap { row in
      if row > 0 {
        let (before, after) = (lines[row - 1], lines[row + side - 1])
        for column in 0..<width { total[column] += after[column] - before[column] }
      }
      return total.map { Float($0 / area) }
    }
  }

  /// Returns the mean of each cell, `[row, column]`, of the surface whose pixels are those `down` and `right` of it.
  package func means(down: Int, right: Int) -> [Float] {
    let cells = spline.cells
    return (0..<cells.height).flatMap { row in
      let start = (row * spline.factor + down + reach) * width + right + reach
      return (0..<cells.width).map { means[start + $0 * spline.factor] }
    }
  }
}

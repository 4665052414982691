import Grids

/// The octave above the cells: pairs of cells and the detail that the cells have below them.
struct Octave {
  private let cells: Grid
  /// The pairs, with the cells as their pixels.
  let spline: CellSpline

  /// Creates the octave above cells, at least two along each side; an odd last row or column is left out.
  init(_ cells: Grid) {
    self.cells = cells
    spline = CellSpline(
      cells: Grid(width: cells.width / 2, height: cells.height / 2), factor: 2)
  }

  /// The grid of the cells that make pairs.
  var grid: Grid { Grid(width: spline.width, height: spline.height) }

  /// Returns the cells that make pairs.
  func part(_ values: [Float]) -> [Float] {
    values.cropped(to: grid.window, from: cells.window)
  }

  /// Returns what values have below the pairs.
  func detail(_ values: [Float]) -> [Float] { spline.detail(part(values)) }
}

import Grids

/// The cells of a reference that are level, such as lakes and the sea: each is one of a square of equal cells.
struct LevelCells {
  /// Whether each cell is level, `[row, column]`.
  let isLevel: [Bool]

  /// The greatest difference of equal heights, in meters: that of rounding, when a datum is changed.
  private static let tolerance: Float = 0.005

  /// Finds squares of `2 · radius + 1` cells along each side.
  init(_ heights: [Float], on cells: Grid, radius: Int) {
    var isLevel = [Bool](repeating: false, count: heights.count)
    for row in radius..<max(radius, cells.height - radius) {
      for column in radius..<max(radius, cells.width - radius) {
        let middle = heights[row * cells.width + column]
        // NaN is never equal.
        let isSquare = (row - radius...row + radius).allSatisfy { line in
          heights[line * cells.width + column - radius...line * cells.width + column + radius]
            .allSatisfy { abs($0 - middle) <= Self.tolerance }
        }
        guard isSquare else { continue }
        for line in row - radius...row + radius {
          for cell in column - radius...column + radius {
            isLevel[line * cells.width + cell] = true
          }
        }
      }
    }
    self.isLevel = isLevel
  }
}

import Grids

/// A coarse map of a scene's valid pixels, with one byte per cell of 64 × 64 (4,096) pixels.
struct ValidCells: Sendable {
  private let columns: Int
  private let rows: Int
  private let grid: Grid
  private var isOccupied: [Bool]

  private static let side = SceneContent.cell

  /// Creates a map without valid pixels.
  init(of grid: Grid) {
    self.grid = grid
    columns = (grid.width + Self.side - 1) / Self.side
    rows = (grid.height + Self.side - 1) / Self.side
    isOccupied = Array(repeating: false, count: columns * rows)
  }

  /// Marks a cell that has valid or unreadable pixels.
  mutating func occupy(row: Int, column: Int) { isOccupied[row * columns + column] = true }

  /// Returns the smallest part of a window that contains all its valid pixels, in whole cells; empty if there are none.
  func hull(in window: Window) -> Window {
    let window = window.intersection(grid.window)
    guard !window.isEmpty else { return window }
    var (left, right, top, bottom) = (Int.max, -1, Int.max, -1)
    for row in window.row / Self.side...(window.rows.upperBound - 1) / Self.side {
      for column in window.column / Self.side...(window.columns.upperBound - 1) / Self.side
      where isOccupied[row * columns + column] {
        (left, right) = (min(left, column), max(right, column))
        (top, bottom) = (min(top, row), max(bottom, row))
      }
    }
    guard right >= 0 else {
      return Window(column: window.column, row: window.row, width: 0, height: 0)
    }
    return Window(
      column: left * Self.side, row: top * Self.side, width: (right - left + 1) * Self.side,
      height: (bottom - top + 1) * Self.side
    ).intersection(window)
  }

  /// Returns the number of a window's pixels in cells that may have valid pixels.
  func pixelCount(in window: Window) -> Int {
    let window = window.intersection(grid.window)
    guard !window.isEmpty else { return 0 }
    var count = 0
    for row in window.row / Self.side...(window.rows.upperBound - 1) / Self.side {
      for column in window.column / Self.side...(window.columns.upperBound - 1) / Self.side
      where isOccupied[row * columns + column] {
        let cell = Window(
          column: column * Self.side, row: row * Self.side, width: Self.side, height: Self.side)
        count += cell.intersection(window).pixelCount
      }
    }
    return count
  }
}

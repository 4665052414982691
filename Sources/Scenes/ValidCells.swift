import Grids

/// Where a scene has valid pixels, cell by cell of 64 × 64 pixels: one byte for 4,096 pixels.
struct ValidCells: Sendable {
  private let columns: Int
  private let rows: Int
  private let grid: Grid
  private var isOccupied: [Bool]

  private static let side = SceneContent.cell

  /// With no valid pixel anywhere.
  init(of grid: Grid) {
    self.grid = grid
    columns = (grid.width + Self.side - 1) / Self.side
    rows = (grid.height + Self.side - 1) / Self.side
    isOccupied = Array(repeating: false, count: columns * rows)
  }

  /// Notes a cell with a valid pixel, or with some that cannot be read.
  mutating func occupy(row: Int, column: Int) { isOccupied[row * columns + column] = true }

  /// The part of a window of the scene that may have valid pixels; empty where there is certainly none.
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

  /// Pixels of the cells in a window that may have valid ones.
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

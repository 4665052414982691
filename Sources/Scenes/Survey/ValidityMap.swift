import Grids

/// Whether each pixel of a scene is valid, found while the scene is measured.
///
/// The map has a word per cell of 64 × 64 pixels, and a bit per pixel of those cells that are neither empty nor full.
struct ValidityMap: Sendable {
  /// The state of a pixel.
  enum State: UInt8 {
    case invalid, valid
    /// The pixel cannot be read.
    case damaged
  }

  private enum Cell {
    static let empty: Int32 = -1
    static let full: Int32 = -2
  }

  private static let side = SceneContent.cell
  private let grid: Grid
  private let columns: Int
  private let rows: Int
  /// `Cell`, or the number of the cell's bits.
  private var cells: [Int32]
  /// The rows of cells that are partly valid; each has 64 bits.
  private var bits: [UInt64] = []
  /// The unreadable parts of the scene.
  private var damaged: [Window] = []

  /// Creates a map without valid pixels.
  init(of grid: Grid) {
    self.grid = grid
    columns = (grid.width + Self.side - 1) / Self.side
    rows = (grid.height + Self.side - 1) / Self.side
    cells = Array(repeating: Cell.empty, count: columns * rows)
  }

  /// Sets the pixels of a cell, given row by row; returns whether any is valid.
  @discardableResult
  mutating func set(row: Int, column: Int, _ pixels: some Sequence<ArraySlice<Bool>>) -> Bool {
    let place = row * columns + column
    let lines = pixels.map { line in
      line.enumerated().reduce(UInt64(0)) { $1.element ? $0 | 1 << $1.offset : $0 }
    }
    guard lines.contains(where: { $0 != 0 }) else { return false }
    let width = min(Self.side, grid.width - column * Self.side)
    let whole = width == 64 ? UInt64.max : 1 << width - 1
    if lines.allSatisfy({ $0 == whole }) {
      cells[place] = Cell.full
    } else {
      cells[place] = Int32(bits.count / Self.side)
      bits += lines + [UInt64](repeating: 0, count: Self.side - lines.count)
    }
    return true
  }

  /// Marks a part as unreadable; the cells of the whole `window` count as occupied.
  mutating func addDamaged(_ parts: [Window], of window: Window) {
    damaged += parts
    for row in Self.cells(window.rows) {
      for place in Self.cells(window.columns).map({ row * columns + $0 })
      where cells[place] == Cell.empty {
        cells[place] = Int32(bits.count / Self.side)
        bits += [UInt64](repeating: 0, count: Self.side)
      }
    }
  }

  /// Returns the states of the pixels of a window of the scene, `[row, column]`.
  func states(in window: Window) -> [UInt8] {
    var states = [UInt8](repeating: State.invalid.rawValue, count: window.pixelCount)
    for row in window.rows {
      let start = (row - window.row) * window.width - window.column
      for cell in Self.cells(window.columns) {
        let number = cells[row / Self.side * columns + cell]
        guard number != Cell.empty else { continue }
        let line =
          number == Cell.full ? UInt64.max : bits[Int(number) * Self.side + row % Self.side]
        let first = cell * Self.side
        for column in max(first, window.column)..<min(first + Self.side, window.columns.upperBound)
        where line >> (column - first) & 1 == 1 {
          states[start + column] = State.valid.rawValue
        }
      }
    }
    for part in damaged.map({ $0.intersection(window) }) where !part.isEmpty {
      for row in part.rows {
        let start = (row - window.row) * window.width - window.column
        for column in part.columns { states[start + column] = State.damaged.rawValue }
      }
    }
    return states
  }

  /// Returns the smallest part of a window that contains all its valid pixels, in whole cells; empty if there are none.
  func hull(in window: Window) -> Window {
    let window = window.intersection(grid.window)
    guard !window.isEmpty else { return window }
    var (left, right, top, bottom) = (Int.max, -1, Int.max, -1)
    for (row, column) in occupied(in: window) {
      (left, right) = (min(left, column), max(right, column))
      (top, bottom) = (min(top, row), max(bottom, row))
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
    return occupied(in: window).reduce(0) { sum, cell in
      sum
        + Window(
          column: cell.column * Self.side, row: cell.row * Self.side, width: Self.side,
          height: Self.side
        ).intersection(window).pixelCount
    }
  }

  /// The cells of a window that have valid or unreadable pixels, row by row.
  private func occupied(
    in window: Window
  ) -> some Sequence<(row: Int, column: Int)> {
    Self.cells(window.rows).lazy.flatMap { row in
      Self.cells(window.columns).lazy.filter { cells[row * columns + $0] != Cell.empty }
        .map { (row: row, column: $0) }
    }
  }

  /// The cells that a range of rows or columns overlaps.
  private static func cells(_ pixels: Range<Int>) -> ClosedRange<Int> {
    pixels.lowerBound / side...(pixels.upperBound - 1) / side
  }
}

import Grids
import Tensors

/// Mapping of windows and values between a grid and the turned grid.
extension SquareSymmetry {
  /// Returns the size of a grid after the turn.
  func size(of grid: Grid) -> Grid {
    swapsAxes
      ? Grid(width: grid.height, height: grid.width)
      : Grid(width: grid.width, height: grid.height)
  }

  /// Maps a window of the turned grid to the grid itself.
  func source(of window: Window, in grid: Grid) -> Window {
    let rows = swapsAxes ? window.columns : window.rows
    let columns = swapsAxes ? window.rows : window.columns
    return Window(
      column: reversesColumns ? grid.width - columns.upperBound : columns.lowerBound,
      row: reversesRows ? grid.height - rows.upperBound : rows.lowerBound,
      width: columns.count, height: rows.count)
  }

  /// Maps a window of a grid to the turned grid.
  func target(of window: Window, in grid: Grid) -> Window {
    inverse.source(of: window, in: size(of: grid))
  }

  /// Returns the values of a window, `[row, column, channel]`, turned.
  func turned<Value>(_ values: [Value], of window: Window, channels: Int = 1) -> [Value] {
    guard self != .identity else { return values }
    precondition(
      values.count == window.pixelCount * channels, "the number of values must match the window")
    let (rows, columns) =
      swapsAxes ? (window.width, window.height) : (window.height, window.width)
    var result: [Value] = []
    result.reserveCapacity(values.count)
    for row in 0..<rows {
      for column in 0..<columns {
        var (y, x) = swapsAxes ? (column, row) : (row, column)
        if reversesRows { y = window.height - 1 - y }
        if reversesColumns { x = window.width - 1 - x }
        let first = (y * window.width + x) * channels
        for channel in 0..<channels { result.append(values[first + channel]) }
      }
    }
    return result
  }
}

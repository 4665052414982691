extension Window {
  /// Returns the same rectangle with its offset measured from the upper-left corner of `origin`.
  public func relative(to origin: Window) -> Window {
    Window(
      column: column - origin.column, row: row - origin.row, width: width, height: height)
  }

  /// Returns the rectangle whose offset from the upper-left corner of `origin` is that of this one: the inverse of
  /// `relative(to:)`.
  package func placed(in origin: Window) -> Window {
    Window(
      column: column + origin.column, row: row + origin.row, width: width, height: height)
  }

  /// Returns the window extended by some pixels on each side.
  package func padded(columns: Int, rows: Int) -> Window {
    Window(
      column: column - columns, row: row - rows, width: width + 2 * columns,
      height: height + 2 * rows)
  }

  /// Returns full-width windows that together cover this one, from the top, each with at most `pixels` pixels, but at
  /// least one row.
  package func strips(pixels: Int = 1 << 20) -> [Window] {
    let count = max(1, pixels / max(width, 1))
    return stride(from: row, to: rows.upperBound, by: count).map { first in
      Window(
        column: column, row: first, width: width, height: min(count, rows.upperBound - first))
    }
  }

  /// Returns windows of at most `side` pixels per side that together cover this one, row by row.
  package func blocks(side: Int) -> [Window] {
    stride(from: row, to: rows.upperBound, by: side).flatMap { row in
      stride(from: column, to: columns.upperBound, by: side).map { column in
        Window(
          column: column, row: row, width: min(side, columns.upperBound - column),
          height: min(side, rows.upperBound - row))
      }
    }
  }
}

/// The division of a map into squares of 4 × 4 results, and of the squares into panels of 12.
///
/// Squares are numbered in column-major order within bands of three rows of squares, so that neighbors share most
/// of their input pixels. A panel is contained in one band; the last panel of a band may be partial.
struct WinogradSquares: Sendable {
  /// The number of results along each side of a square.
  static let side = 4
  /// The number of squares per panel.
  static let perPanel = Panels.rows
  private static let rowsPerBand = 3

  let height: Int
  let width: Int
  let panels: [Panel]

  /// At most 12 squares of a band.
  struct Panel: Sendable {
    /// The first row of squares of the band (`top`) and its number of rows.
    let top: Int
    let rows: Int
    /// The range of squares in the band.
    let squares: Range<Int>

    /// Returns the first result of a square.
    func origin(_ square: Int) -> (row: Int, column: Int) {
      ((top + square % rows) * side, square / rows * side)
    }
  }

  init(height: Int, width: Int) {
    (self.height, self.width) = (height, width)
    let (down, across) = ((height + Self.side - 1) / Self.side, (width + Self.side - 1) / Self.side)
    panels = stride(from: 0, to: down, by: Self.rowsPerBand).flatMap { top in
      let rows = min(Self.rowsPerBand, down - top)
      return stride(from: 0, to: rows * across, by: Self.perPanel).map {
        Panel(top: top, rows: rows, squares: $0..<min($0 + Self.perPanel, rows * across))
      }
    }
  }

  /// Returns ranges of at most `length` panels, each within one band.
  func blocks(length: Int) -> [Range<Int>] {
    var blocks: [Range<Int>] = []
    for index in panels.indices {
      if let last = blocks.last, last.count < length,
        panels[last.lowerBound].top == panels[index].top
      {
        blocks[blocks.count - 1] = last.lowerBound..<index + 1
      } else {
        blocks.append(index..<index + 1)
      }
    }
    return blocks
  }

  /// Returns the input pixels of some panels of one band; they extend at most one pixel beyond the map's edges.
  func window(of panels: Range<Int>) -> (rows: Range<Int>, columns: Range<Int>) {
    let (first, last) = (self.panels[panels.lowerBound], self.panels[panels.upperBound - 1])
    let left = first.origin(first.squares.lowerBound).column
    let right = last.origin(last.squares.upperBound - 1).column
    let top = first.top * Self.side
    return (
      top - 1..<top + first.rows * Self.side + 1, left - 1..<right + Self.side + 1
    )
  }

  /// Calls `body` with the place of each square in a block, counted over whole panels, and its first result.
  ///
  /// If `filling` is true, the unused places of a partial panel are included with the panel's last square.
  func forEach(
    of panels: Range<Int>, filling: Bool = false,
    _ body: (_ place: Int, _ row: Int, _ column: Int) -> Void
  ) {
    for index in panels {
      let panel = self.panels[index]
      let first = (index - panels.lowerBound) * Self.perPanel
      for place in 0..<(filling ? Self.perPanel : panel.squares.count) {
        let (row, column) = panel.origin(
          min(panel.squares.lowerBound + place, panel.squares.upperBound - 1))
        body(first + place, row, column)
      }
    }
  }
}

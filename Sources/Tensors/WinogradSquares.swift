/// How a map is cut into squares of 4 × 4 results, and these into panels of 12.
///
/// Squares are counted down and then across within bands of three rows of them, so that neighbours share most of the
/// pixels that they see. A panel lies in one band; the last of a band may not be full.
struct WinogradSquares: Sendable {
  /// Results along each side of a square.
  static let side = 4
  static let perPanel = Panels.rows
  private static let rowsPerBand = 3

  let height: Int
  let width: Int
  let panels: [Panel]

  /// At most 12 squares of a band.
  struct Panel: Sendable {
    /// The band's first row of squares, and how many it has.
    let top: Int
    let rows: Int
    /// Squares of the band.
    let squares: Range<Int>

    /// The first result of a square.
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

  /// Runs of at most so many panels, each within one band.
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

  /// The pixels that the squares of some panels of one band see, one beyond the map's edges at most.
  func window(of panels: Range<Int>) -> (rows: Range<Int>, columns: Range<Int>) {
    let (first, last) = (self.panels[panels.lowerBound], self.panels[panels.upperBound - 1])
    let left = first.origin(first.squares.lowerBound).column
    let right = last.origin(last.squares.upperBound - 1).column
    let top = first.top * Self.side
    return (
      top - 1..<top + first.rows * Self.side + 1, left - 1..<right + Self.side + 1
    )
  }

  /// Calls `body` with the place of each square of a block, counted over whole panels, and its first result.
  ///
  /// With `filling`, the places of a panel that is not full come too, with its last square.
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

/// One of the eight ways to lay a map onto itself: the dihedral group of the square.
///
/// Rows and columns are reversed, as it says, and then swapped. A swap makes `[rows, columns]` of `[columns, rows]`,
/// so maps need not be square.
public struct Turn: Hashable, Sendable, Codable {
  public let reversesRows: Bool
  public let reversesColumns: Bool
  public let swapsAxes: Bool

  public init(reversesRows: Bool, reversesColumns: Bool, swapsAxes: Bool) {
    self.reversesRows = reversesRows
    self.reversesColumns = reversesColumns
    self.swapsAxes = swapsAxes
  }

  public static let identity = Turn(
    reversesRows: false, reversesColumns: false, swapsAxes: false)

  /// Identity, the two mirrorings and the half turn; then the four with swapped axes.
  public static let all = [false, true].flatMap { swapsAxes in
    [false, true].flatMap { rows in
      [false, true].map { columns in
        Turn(reversesRows: rows, reversesColumns: columns, swapsAxes: swapsAxes)
      }
    }
  }

  /// What undoes it.
  public var inverse: Turn {
    swapsAxes
      ? Turn(reversesRows: reversesColumns, reversesColumns: reversesRows, swapsAxes: true) : self
  }

  /// The turn that does first this and then another.
  public func followed(by next: Turn) -> Turn {
    let (rows, columns) =
      swapsAxes
      ? (next.reversesColumns, next.reversesRows) : (next.reversesRows, next.reversesColumns)
    return Turn(
      reversesRows: reversesRows != rows, reversesColumns: reversesColumns != columns,
      swapsAxes: swapsAxes != next.swapsAxes)
  }
}

extension Turn: CustomStringConvertible {
  public var description: String {
    let parts = [
      reversesRows ? "rows reversed" : "", reversesColumns ? "columns reversed" : "",
      swapsAxes ? "axes swapped" : "",
    ].filter { !$0.isEmpty }
    return parts.isEmpty ? "as it is" : parts.joined(separator: ", ")
  }
}

extension Tensor {
  /// The maps turned: `[batch, row, column, channel]`, rows and columns swapped where the turn swaps axes.
  public func turned(by turn: Turn) -> Tensor {
    guard turn != .identity else { return self }
    let (batch, sourceRows, sourceColumns, channels) = shape.image
    let (rows, columns) =
      turn.swapsAxes ? (sourceColumns, sourceRows) : (sourceRows, sourceColumns)
    return Tensor([batch, rows, columns, channels]) { buffer in
      let output = SharedOutput(buffer)
      parallel(batch * rows) { index in
        let (image, row) = index.quotientAndRemainder(dividingBy: rows)
        scalars.withUnsafeBufferPointer { x in
          for column in 0..<columns {
            var (sourceRow, sourceColumn) = turn.swapsAxes ? (column, row) : (row, column)
            if turn.reversesRows { sourceRow = sourceRows - 1 - sourceRow }
            if turn.reversesColumns { sourceColumn = sourceColumns - 1 - sourceColumn }
            let source =
              ((image * sourceRows + sourceRow) * sourceColumns + sourceColumn) * channels
            let target = (index * columns + column) * channels
            for channel in 0..<channels { output.base[target + channel] = x[source + channel] }
          }
        }
      }
    }
  }
}

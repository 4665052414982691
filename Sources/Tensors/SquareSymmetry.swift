/// One of the eight symmetries of the square (the dihedral group): rotations and reflections of a map.
///
/// Rows and columns are reversed first, and then swapped. A swap turns `[columns, rows]` into `[rows, columns]`, so
/// maps need not be square.
public struct SquareSymmetry: Hashable, Sendable, Codable {
  /// Whether the order of rows is reversed.
  public let reversesRows: Bool
  /// Whether the order of columns is reversed.
  public let reversesColumns: Bool
  /// Whether rows and columns are swapped after the reversals.
  public let swapsAxes: Bool

  /// Creates a symmetry from its reversals and swap.
  public init(reversesRows: Bool, reversesColumns: Bool, swapsAxes: Bool) {
    self.reversesRows = reversesRows
    self.reversesColumns = reversesColumns
    self.swapsAxes = swapsAxes
  }

  /// The symmetry that changes nothing.
  public static let identity = SquareSymmetry(
    reversesRows: false, reversesColumns: false, swapsAxes: false)

  /// All eight symmetries: the four without a swap (identity, two reflections, and the 180° rotation), then the
  /// four with a swap.
  public static let all = [false, true].flatMap { swapsAxes in
    [false, true].flatMap { rows in
      [false, true].map { columns in
        SquareSymmetry(reversesRows: rows, reversesColumns: columns, swapsAxes: swapsAxes)
      }
    }
  }

  /// The inverse symmetry.
  public var inverse: SquareSymmetry {
    swapsAxes
      ? SquareSymmetry(
        reversesRows: reversesColumns, reversesColumns: reversesRows, swapsAxes: true) : self
  }

  /// Returns the composition that applies this symmetry first and then `next`.
  public func followed(by next: SquareSymmetry) -> SquareSymmetry {
    let (rows, columns) =
      swapsAxes
      ? (next.reversesColumns, next.reversesRows) : (next.reversesRows, next.reversesColumns)
    return SquareSymmetry(
      reversesRows: reversesRows != rows, reversesColumns: reversesColumns != columns,
      swapsAxes: swapsAxes != next.swapsAxes)
  }
}

extension SquareSymmetry: CustomStringConvertible {
  /// A description of the operations, such as "rows reversed, axes swapped".
  public var description: String {
    let parts = [
      reversesRows ? "rows reversed" : "", reversesColumns ? "columns reversed" : "",
      swapsAxes ? "axes swapped" : "",
    ].filter { !$0.isEmpty }
    return parts.isEmpty ? "as it is" : parts.joined(separator: ", ")
  }
}

extension Tensor {
  /// Returns maps `[batch, row, column, channel]` with a symmetry applied; rows and columns are exchanged if it
  /// swaps axes.
  public func turned(by turn: SquareSymmetry) -> Tensor {
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

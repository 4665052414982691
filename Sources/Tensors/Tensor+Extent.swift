extension Tensor {
  /// Extends the map to `[batch, rows, columns, channel]` by repeating its last row and column.
  public func extended(rows: Int, columns: Int) -> Tensor {
    precondition(rows >= shape.image.rows && columns >= shape.image.columns)
    return copied(rows: rows, columns: columns)
  }

  /// Returns a part of the map, `[batch, rows, columns, channel]`, starting at the given row and column.
  public func cropped(rows: Int, columns: Int, row: Int = 0, column: Int = 0) -> Tensor {
    precondition(row >= 0 && row + rows <= shape.image.rows)
    precondition(column >= 0 && column + columns <= shape.image.columns)
    return copied(rows: rows, columns: columns, row: row, column: column)
  }

  private func copied(rows: Int, columns: Int, row first: Int = 0, column: Int = 0) -> Tensor {
    let (batch, sourceRows, sourceColumns, channels) = shape.image
    if (rows, columns) == (sourceRows, sourceColumns) { return self }
    let shared = min(columns, sourceColumns - column) * channels
    let result = Tensor([batch, rows, columns, channels]) { buffer in
      let output = SharedOutput(buffer)
      parallel(batch * rows) { index in
        let (image, row) = index.quotientAndRemainder(dividingBy: rows)
        let source = image * sourceRows + min(first + row, sourceRows - 1)
        let line = (source * sourceColumns + column) * channels
        scalars.withUnsafeBufferPointer { x in
          let y = output.base + index * columns * channels
          y.update(from: x.baseAddress! + line, count: shared)
          let last = x.baseAddress! + line + shared - channels
          for place in stride(from: shared, to: columns * channels, by: channels) {
            (y + place).update(from: last, count: channels)
          }
        }
      }
    }
    return result.recorded(from: [self]) { dy, _ in
      [dy.copiedPullback(rows: sourceRows, columns: sourceColumns, row: first, column: column)]
    }
  }
}

extension Tensor {
  /// The map with its last row and column repeated until it has so many: `[batch, rows, columns, channel]`.
  public func extended(rows: Int, columns: Int) -> Tensor {
    precondition(rows >= shape.image.rows && columns >= shape.image.columns)
    return copied(rows: rows, columns: columns)
  }

  /// The map's first rows and columns: `[batch, rows, columns, channel]`.
  public func cropped(rows: Int, columns: Int) -> Tensor {
    precondition(rows <= shape.image.rows && columns <= shape.image.columns)
    return copied(rows: rows, columns: columns)
  }

  private func copied(rows: Int, columns: Int) -> Tensor {
    let (batch, sourceRows, sourceColumns, channels) = shape.image
    if (rows, columns) == (sourceRows, sourceColumns) { return self }
    let shared = min(columns, sourceColumns) * channels
    let result = Tensor([batch, rows, columns, channels]) { buffer in
      let output = SharedOutput(buffer)
      parallel(batch * rows) { index in
        let (image, row) = index.quotientAndRemainder(dividingBy: rows)
        let line = (image * sourceRows + min(row, sourceRows - 1)) * sourceColumns * channels
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
    return result.made(of: [self]) { dy, _ in
      [dy.copiedPullback(rows: sourceRows, columns: sourceColumns)]
    }
  }
}

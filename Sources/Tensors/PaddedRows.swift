/// Rows of an image as a convolution sees them: prepared, with the zeros around.
///
/// What one row of the kernel covers at a place then lies in one piece: `[kernelColumn, channel]`.
struct PaddedRows: Sendable {
  let source: Tensor
  let preparation: InputPreparation
  /// Zeros before the first row and column.
  let top: Int
  let left: Int
  /// Columns with all zeros.
  let columns: Int

  private var channels: Int { source.shape.channels }

  /// The numbers of a row.
  var rowCount: Int { columns * channels }

  /// Fills `lines` with some rows of one image of the batch, counted from the first row of zeros.
  func fill(_ lines: UnsafeMutablePointer<Float>, image: Int, rows: Range<Int>) {
    let (_, storedRows, storedColumns, _) = source.shape.image
    let factor = preparation == .doubled ? 2 : 1
    let inside = min(columns - left, storedColumns * factor)
    source.scalars.withUnsafeBufferPointer { source in
      for (place, row) in rows.enumerated() {
        let line = lines + place * rowCount
        guard row >= top, row < top + storedRows * factor else {
          line.update(repeating: 0, count: rowCount)
          continue
        }
        let start = (image * storedRows + (row - top) / factor) * storedColumns * channels
        line.update(repeating: 0, count: left * channels)
        copy(source.baseAddress! + start, to: line + left * channels, image: image, columns: inside)
        (line + (left + inside) * channels).update(
          repeating: 0, count: (columns - left - inside) * channels)
      }
    }
  }

  private func copy(
    _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, image: Int, columns: Int
  ) {
    switch preparation {
    case .none: y.update(from: x, count: columns * channels)
    case .rectified: for i in 0..<columns * channels { y[i] = rectified(x[i]) }
    case .doubled:
      for column in 0..<columns {
        (y + column * channels).update(from: x + column / 2 * channels, count: channels)
      }
    case .mapped(let map): map.apply(x, to: y, image: image, positions: columns)
    }
  }
}

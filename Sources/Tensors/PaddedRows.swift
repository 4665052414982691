/// Rows of an image as input of a convolution: prepared and zero-padded.
///
/// The pixels under one kernel row at any position are then contiguous: `[kernelColumn, channel]`.
struct PaddedRows: Sendable {
  let source: Tensor
  let preparation: InputPreparation
  /// The number of zero rows before the first row (`top`) and zero columns before the first column (`left`).
  let top: Int
  let left: Int
  /// The number of columns, including padding.
  let columns: Int

  private var channels: Int { source.shape.channels }

  /// The number of elements per row.
  var rowCount: Int { columns * channels }

  /// Fills `lines` with a range of rows of one image in the batch; rows are counted from the first padding row.
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

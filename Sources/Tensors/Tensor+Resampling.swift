/// Which points of two grids coincide when a tensor is resampled.
public enum Alignment: Sendable {
  /// The centers of the corner pixels (PyTorch's `align_corners = true`).
  case cornerCenters
  /// The outer edges (`align_corners = false`); positions before the first center take its value.
  case edges

  /// Returns, for each result pixel, the two source pixels around it and the weight of the second.
  func taps(source: Int, result: Int) -> [Tap] {
    (0..<result).map { index in
      let position =
        switch self {
        case .cornerCenters:
          result == 1 ? 0 : Double(index) * Double(source - 1) / Double(result - 1)
        case .edges:
          max((Double(index) + 0.5) * Double(source) / Double(result) - 0.5, 0)
        }
      let first = min(Int(position), source - 1)
      return Tap(
        first: first, second: min(first + 1, source - 1), weight: Float(position - Double(first)))
    }
  }

  struct Tap: Sendable {
    let first: Int
    let second: Int
    let weight: Float
  }
}

extension Tensor {
  /// Interpolates bilinearly to another number of rows and columns, without antialiasing when downsampling.
  ///
  /// `[batch, row, column, channel]` → `[batch, rows, columns, channel]`.
  public func resampled(rows: Int, columns: Int, aligning alignment: Alignment) -> Tensor {
    let (batch, sourceRows, sourceColumns, channels) = shape.image
    let vertical = alignment.taps(source: sourceRows, result: rows)
    let horizontal = alignment.taps(source: sourceColumns, result: columns)
    let sourceRow = sourceColumns * channels
    let result = Tensor([batch, rows, columns, channels]) { buffer in
      let output = SharedOutput(buffer)
      parallel(batch * rows) { index in
        let row = vertical[index % rows]
        scalars.withUnsafeBufferPointer { x in
          let image = x.baseAddress! + index / rows * sourceRows * sourceRow
          let (upper, lower) = (image + row.first * sourceRow, image + row.second * sourceRow)
          var y = output.base + index * columns * channels
          for column in horizontal {
            let (left, right) = (column.first * channels, column.second * channels)
            let (a, b) = (1 - column.weight, column.weight)
            for c in 0..<channels {
              let above = a * upper[left + c] + b * upper[right + c]
              let below = a * lower[left + c] + b * lower[right + c]
              y[c] = (1 - row.weight) * above + row.weight * below
            }
            y += channels
          }
        }
      }
    }
    return result.recorded(from: [self]) { dy, _ in
      [dy.resampledPullback(rows: sourceRows, columns: sourceColumns, aligning: alignment)]
    }
  }
}

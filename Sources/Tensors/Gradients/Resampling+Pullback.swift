extension Tensor {
  /// The pullback of `resampled`: each source pixel receives its share of the gradients of the result pixels that
  /// it contributes to.
  func resampledPullback(rows: Int, columns: Int, aligning alignment: Alignment) -> Tensor {
    let (batch, resultRows, resultColumns, channels) = shape.image
    let vertical = alignment.shares(source: rows, result: resultRows)
    let horizontal = alignment.shares(source: columns, result: resultColumns)
    return Tensor([batch, rows, columns, channels]) { buffer in
      let output = SharedOutput(buffer)
      parallel(batch * rows) { index in
        let (image, row) = index.quotientAndRemainder(dividingBy: rows)
        let line = output.base + index * columns * channels
        line.update(repeating: 0, count: columns * channels)
        scalars.withUnsafeBufferPointer { dy in
          for (fromRow, rowShare) in vertical[row] {
            let source = dy.baseAddress! + (image * resultRows + fromRow) * resultColumns * channels
            for column in 0..<columns {
              let to = line + column * channels
              for (fromColumn, share) in horizontal[column] {
                let from = source + fromColumn * channels
                let factor = rowShare * share
                for c in 0..<channels { to[c] += factor * from[c] }
              }
            }
          }
        }
      }
    }
  }

  /// The pullback of `maxPooled`: the gradient goes to the first maximum of each neighborhood in row-major order.
  func maxPooledPullback(_ dy: Tensor, padding: Padding) -> Tensor {
    let (batch, rows, columns, channels) = shape.image
    let (_, height, width, _) = dy.shape.image
    let (kernel, stride) = (3, 2)
    let top = padding.applied(to: rows, kernel: kernel, stride: stride).before
    let left = padding.applied(to: columns, kernel: kernel, stride: stride).before
    return Tensor(shape) { buffer in
      let output = SharedOutput(buffer)
      parallel(batch) { image in
        let dx = output.base + image * rows * columns * channels
        dx.update(repeating: 0, count: rows * columns * channels)
        scalars.withUnsafeBufferPointer { x in
          dy.scalars.withUnsafeBufferPointer { dy in
            let x = x.baseAddress! + image * rows * columns * channels
            let dy = dy.baseAddress! + image * height * width * channels
            for row in 0..<height {
              for column in 0..<width {
                for c in 0..<channels {
                  var best = -1
                  for r in max(row * stride - top, 0)..<min(row * stride - top + kernel, rows) {
                    for k in max(
                      column * stride - left, 0)..<min(
                        column * stride - left + kernel, columns)
                    {
                      let place = (r * columns + k) * channels + c
                      if best < 0 || x[place] > x[best] { best = place }
                    }
                  }
                  dx[best] += dy[(row * width + column) * channels + c]
                }
              }
            }
          }
        }
      }
    }
  }

  /// The pullback of `extended` and `cropped`: gradients of repeated pixels are added to the last row or column.
  func copiedPullback(rows: Int, columns: Int, row firstRow: Int, column first: Int) -> Tensor {
    let (batch, resultRows, resultColumns, channels) = shape.image
    var result = [Float](repeating: 0, count: batch * rows * columns * channels)
    for image in 0..<batch {
      for row in 0..<resultRows {
        for column in 0..<resultColumns {
          let from = ((image * resultRows + row) * resultColumns + column) * channels
          let target = image * rows + min(firstRow + row, rows - 1)
          let to = (target * columns + min(first + column, columns - 1)) * channels
          for c in 0..<channels { result[to + c] += scalars[from + c] }
        }
      }
    }
    return Tensor([batch, rows, columns, channels], result)
  }

  /// The pullback of 2 × 2 nearest-neighbor upsampling: the sum over each 2 × 2 block.
  func doubledPullback() -> Tensor {
    let (batch, rows, columns, channels) = shape.image
    return Tensor([batch, rows / 2, columns / 2, channels]) { buffer in
      let output = SharedOutput(buffer)
      let run = columns * channels
      parallel(batch * rows / 2) { index in
        scalars.withUnsafeBufferPointer { dy in
          let (upper, lower) = (
            dy.baseAddress! + 2 * index * run, dy.baseAddress! + (2 * index + 1) * run
          )
          let to = output.base + index * run / 2
          for column in 0..<columns / 2 {
            let (a, b) = (2 * column * channels, (2 * column + 1) * channels)
            for c in 0..<channels {
              to[column * channels + c] =
                upper[a + c] + upper[b + c] + (lower[a + c] + lower[b + c])
            }
          }
        }
      }
    }
  }
}

extension Alignment {
  /// Returns, for each source pixel, the result pixels that it contributes to and their weights.
  fileprivate func shares(source: Int, result: Int) -> [[(Int, Float)]] {
    var shares = [[(Int, Float)]](repeating: [], count: source)
    for (place, tap) in taps(source: source, result: result).enumerated() {
      if tap.weight < 1 { shares[tap.first].append((place, 1 - tap.weight)) }
      if tap.weight > 0 { shares[tap.second].append((place, tap.weight)) }
    }
    return shares
  }
}

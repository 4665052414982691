import CKernels

/// The backward pass of a convolution: gradients of its prepared input and of its kernel.
struct ConvolutionGradient: Sendable {
  /// The shape of the kernel, `[kernelRow, kernelColumn, in, out]`.
  let kernel: Shape
  let stride: Int
  /// The number of zero rows before the first row (`top`) and zero columns before the first column (`left`).
  let top: Int
  let left: Int
  /// The size of the prepared input.
  let rows: Int
  let columns: Int

  /// Returns dx: the gradient of the result, dilated by the stride, zero-padded, and convolved with the kernel
  /// rotated by 180° and with its channels exchanged.
  func input(_ dz: Tensor, kernel weights: Tensor) -> Tensor {
    let rotated = PackedWeights(Self.rotated(weights))
    let (kernelRows, kernelColumns) = (kernel[0], kernel[1])
    let (_, height, width, _) = dz.shape.image
    let (above, before) = (kernelRows - 1 - top, kernelColumns - 1 - left)
    if stride == 1, above == before, height == rows, width == columns, top == above {
      return dz.convolved(with: rotated, padding: .each(above))
    }
    return spread(dz, above: above, before: before).convolved(with: rotated, padding: .each(0))
  }

  /// Returns the kernel rotated by 180°, `[kernelRow, kernelColumn, out, in]`.
  private static func rotated(_ kernel: Tensor) -> Tensor {
    let (rows, columns, inputs, outputs) = kernel.shape.image
    return Tensor([rows, columns, outputs, inputs]) { buffer in
      let output = SharedOutput(buffer)
      parallel(rows * columns) { place in
        kernel.scalars.withUnsafeBufferPointer { w in
          let from = w.baseAddress! + (rows * columns - 1 - place) * inputs * outputs
          let to = output.base + place * inputs * outputs
          ck_transpose(to, inputs, from, outputs, inputs, outputs)
        }
      }
    }
  }

  /// Returns the gradient dilated by the stride on a map of zeros of the input's size plus the extent of the
  /// kernel.
  private func spread(_ dz: Tensor, above: Int, before: Int) -> Tensor {
    let (batch, height, width, channels) = dz.shape.image
    let (allRows, allColumns) = (rows + kernel[0] - 1, columns + kernel[1] - 1)
    return Tensor([batch, allRows, allColumns, channels]) { buffer in
      let output = SharedOutput(buffer)
      parallel(batch * allRows) { index in
        let (image, row) = index.quotientAndRemainder(dividingBy: allRows)
        let line = output.base + index * allColumns * channels
        line.update(repeating: 0, count: allColumns * channels)
        let (source, rest) = (row - above).quotientAndRemainder(dividingBy: stride)
        guard row >= above, rest == 0, source < height else { return }
        dz.scalars.withUnsafeBufferPointer { dz in
          for column in 0..<width where before + column * stride < allColumns {
            (line + (before + column * stride) * channels).update(
              from: dz.baseAddress! + ((image * height + source) * width + column) * channels,
              count: channels)
          }
        }
      }
    }
  }

  /// Returns dW: for each tap, the sum over positions of input pixel × gradient.
  ///
  /// Input and gradient are stored with the same row pitch of `pitch` columns, including zeros, so that each tap is
  /// an offset and a single product. With a stride, the pixels of each tap are gathered first. The result is
  /// divided into bands of rows of fixed size, so its bits do not depend on the number of threads.
  func weights(_ x: Tensor, _ dz: Tensor) -> Tensor {
    let (batch, height, width, outputs) = dz.shape.image
    let inputs = kernel[2]
    let bands = evenParts(inputs, length: BLAS.bandOfRows)
    let taps = kernel[0] * kernel[1]
    let pitch = width + kernel[1] - 1
    let gradient = stride == 1 ? widened(dz, to: pitch) : dz
    let padded = stride == 1 ? [padded(x, pitch: pitch, height: height)] : []
    return Tensor(kernel) { buffer in
      let output = SharedOutput(buffer)
      parallel(taps * bands.count) { index in
        let (tap, part) = index.quotientAndRemainder(dividingBy: bands.count)
        let (tapRow, tapColumn) = tap.quotientAndRemainder(dividingBy: kernel[1])
        let band = bands[part]
        let to = output.base + (tap * inputs + band.lowerBound) * outputs
        gradient.scalars.withUnsafeBufferPointer { dz in
          if let padded = padded.first {
            let linesOfImage = height + kernel[0] - 1
            padded.scalars.withUnsafeBufferPointer { x in
              for image in 0..<batch {
                let first = (image * linesOfImage + tapRow) * pitch + tapColumn
                // The end of the last row would extend beyond the last image; its gradients are zeros.
                BLAS.multiplyTransposed(
                  BLAS.Operand(x.baseAddress! + first * inputs + band.lowerBound, stride: inputs),
                  BLAS.Operand(dz.baseAddress! + image * height * pitch * outputs, stride: outputs),
                  into: to, stride: outputs, m: band.count, n: outputs,
                  k: height * pitch - kernel[1] + 1, adding: image > 0)
              }
            }
          } else {
            let count = batch * height * width
            withScratch(count * band.count) { scratch in
              gather(x, tapRow, tapColumn, band, height, width, into: scratch)
              BLAS.multiplyTransposed(
                BLAS.Operand(scratch, stride: band.count),
                BLAS.Operand(dz.baseAddress!, stride: outputs), into: to, stride: outputs,
                m: band.count, n: outputs, k: count, adding: false)
            }
          }
        }
      }
    }
  }

  /// Returns the gradient with zeros appended to each row.
  private func widened(_ dz: Tensor, to pitch: Int) -> Tensor {
    let (batch, height, width, channels) = dz.shape.image
    guard pitch > width else { return dz }
    return Tensor([batch, height, pitch, channels]) { buffer in
      let output = SharedOutput(buffer)
      parallel(batch * height) { line in
        dz.scalars.withUnsafeBufferPointer { dz in
          let to = output.base + line * pitch * channels
          to.update(from: dz.baseAddress! + line * width * channels, count: width * channels)
          (to + width * channels).update(repeating: 0, count: (pitch - width) * channels)
        }
      }
    }
  }

  /// Returns the zero-padded input.
  private func padded(_ x: Tensor, pitch: Int, height: Int) -> Tensor {
    let (batch, _, _, channels) = x.shape.image
    let lines = height + kernel[0] - 1
    return Tensor([batch, lines, pitch, channels]) { buffer in
      let output = SharedOutput(buffer)
      parallel(batch * lines) { index in
        let (image, line) = index.quotientAndRemainder(dividingBy: lines)
        let to = output.base + index * pitch * channels
        let row = line - top
        guard row >= 0, row < rows else {
          return to.update(repeating: 0, count: pitch * channels)
        }
        let count = min(columns, pitch - left)
        to.update(repeating: 0, count: left * channels)
        x.scalars.withUnsafeBufferPointer { x in
          (to + left * channels).update(
            from: x.baseAddress! + (image * rows + row) * columns * channels,
            count: count * channels)
        }
        (to + (left + count) * channels).update(
          repeating: 0, count: (pitch - left - count) * channels)
      }
    }
  }

  /// Gathers some channels of a tap's pixels, one pixel per result position: `[position, band]`.
  private func gather(
    _ x: Tensor, _ tapRow: Int, _ tapColumn: Int, _ band: Range<Int>, _ height: Int, _ width: Int,
    into scratch: UnsafeMutablePointer<Float>
  ) {
    let (batch, _, _, channels) = x.shape.image
    x.scalars.withUnsafeBufferPointer { x in
      for image in 0..<batch {
        for row in 0..<height {
          let y = row * stride + tapRow - top
          for column in 0..<width {
            let to = scratch + ((image * height + row) * width + column) * band.count
            let xColumn = column * stride + tapColumn - left
            guard y >= 0, y < rows, xColumn >= 0, xColumn < columns else {
              to.update(repeating: 0, count: band.count)
              continue
            }
            to.update(
              from: x.baseAddress! + ((image * rows + y) * columns + xColumn) * channels
                + band.lowerBound, count: band.count)
          }
        }
      }
    }
  }
}

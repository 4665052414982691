import CKernels

/// The way back through a convolution: gradients of its (prepared) input and of its kernel.
struct ConvolutionGradient: Sendable {
  /// `[kernelRow, kernelColumn, in, out]`.
  let kernel: Shape
  let stride: Int
  /// Zeros before the first row and column.
  let top: Int
  let left: Int
  /// Of the prepared input.
  let rows: Int
  let columns: Int

  /// dx: the gradient of the result, spread by the stride and surrounded by zeros, convolved with the kernel turned by
  /// 180° and its channels exchanged.
  func input(_ dz: Tensor, kernel weights: Tensor) -> Tensor {
    let turned = PackedWeights(Self.turned(weights))
    let (kernelRows, kernelColumns) = (kernel[0], kernel[1])
    let (_, height, width, _) = dz.shape.image
    let (above, before) = (kernelRows - 1 - top, kernelColumns - 1 - left)
    if stride == 1, above == before, height == rows, width == columns, top == above {
      return dz.convolved(with: turned, padding: .each(above))
    }
    return spread(dz, above: above, before: before).convolved(with: turned, padding: .each(0))
  }

  /// `[kernelRow, kernelColumn, in, out]` turned by 180°, as `[…, out, in]`.
  private static func turned(_ kernel: Tensor) -> Tensor {
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

  /// Every pixel `stride` apart on a map of zeros that is as large as the input's, and the kernel's reach.
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

  /// dW: for each tap, the sum over positions of input pixel × gradient.
  ///
  /// Input and gradient lie on one lattice of `pitch` columns, zeros included, so that each tap is a shift of the whole
  /// and one product; with a stride, the tap's pixels are gathered first. Bands of rows of the result are cut by committed
  /// sizes: no bit depends on the number of threads.
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
                // The last line's end would reach beyond the last image; its gradients are zeros.
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

  /// The gradient with zeros behind each row.
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

  /// The input with the zeros around it that taps see.
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

  /// A tap's pixels, some of their channels, one for each of the result: `[position, band]`.
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

/// A convolution as products with rows of patches, one for each row of the kernel: for all that squares do not suit.
struct RowConvolution: Sendable {
  /// Result positions in one product; the bits of a result depend on it.
  ///
  /// Blocks share two rows with their neighbours, which are copied twice: the more rows, the less of that.
  private static let positionsPerBlock = 1024
  /// A map of few blocks is cut by outputs too, so that there is work for several threads.
  private static let outputsPerPart = 128

  let patches: PatchRows
  /// `[kernelRow, kernelColumn, in, out]`.
  let kernel: Tensor
  let epilogue: Epilogue

  /// The numbers that one worker holds for itself, for 3 × 3 taps on so wide a map.
  static func scratchCount(columns: Int, channels: Int) -> Int {
    (max(positionsPerBlock / columns, 1) + 2) * columns * 3 * channels
  }

  /// Fills the result `[batch, height, width, out]`.
  func run(batch: Int, height: Int, into output: SharedOutput) {
    let (kernelRows, _, _, outputs) = kernel.shape.image
    let (width, depth) = (patches.places, patches.depth)
    let blocks = evenParts(height, length: max(Self.positionsPerBlock / width, 1))
    let parts = evenParts(
      outputs, length: batch * blocks.count < 4 ? Self.outputsPerPart : outputs)
    parallel(batch * blocks.count * parts.count) { index in
      let (place, part) = index.quotientAndRemainder(dividingBy: parts.count)
      let (image, rows) = (place / blocks.count, blocks[place % blocks.count])
      let first = parts[part].lowerBound
      let offset = (image * height + rows.lowerBound) * width * outputs + first
      withScratch(patches.count(rows: rows.count)) { input in
        patches.fill(input, image: image, rows: rows)
        kernel.scalars.withUnsafeBufferPointer { kernel in
          for kernelRow in 0..<kernelRows {
            BLAS.multiply(
              BLAS.Operand(
                input + patches.offset(kernelRow: kernelRow, rows: rows.count), stride: depth),
              BLAS.Operand(
                kernel.baseAddress! + kernelRow * depth * outputs + first, stride: outputs),
              into: output.base + offset, stride: outputs, m: rows.count * width,
              n: parts[part].count, k: depth, accumulating: kernelRow > 0)
          }
        }
      }
      epilogue.finish(
        output.base + offset, offset: offset, rows: rows.count * width, columns: parts[part],
        of: outputs)
    }
  }
}

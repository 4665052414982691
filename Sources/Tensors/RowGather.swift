/// Copies rows of an image into a padded block in which a convolution is a few plain matrix products.
///
/// In a padded row, the patch under one row of the kernel is a contiguous run, and the patches of neighbouring
/// results begin `stride` pixels apart: a matrix whose rows overlap, which BLAS multiplies as it lies. For
/// strides above 1, the rows are sorted by row modulo stride into *phases*, so that the rows which one
/// kernel row needs follow each other.
struct RowGather: Sendable {
  let source: Tensor
  let stride: Int
  let kernelRows: Int
  let top: Int
  let left: Int
  /// Of a padded row; a multiple of the stride.
  let columns: Int
  let isRectifying: Bool

  init(
    source: Tensor, stride: Int, kernelRows: Int, top: Int, left: Int, paddedColumns: Int,
    isRectifying: Bool
  ) {
    self.source = source
    self.stride = stride
    self.kernelRows = kernelRows
    self.top = top
    self.left = left
    self.isRectifying = isRectifying
    columns = (paddedColumns + stride - 1) / stride * stride
  }

  private var phases: Int { min(kernelRows, stride) }
  private var rowLength: Int { columns * source.shape.channels }
  private func rowsPerPhase(_ rows: Int) -> Int { rows + (kernelRows - 1) / stride }

  /// The numbers that the block of so many result rows takes.
  func count(rows: Int) -> Int { phases * rowsPerPhase(rows) * rowLength }

  /// Where the pixels under the given row of the kernel begin in the block.
  func offset(kernelRow: Int, rows: Int) -> Int {
    (kernelRow % stride * rowsPerPhase(rows) + kernelRow / stride) * rowLength
  }

  /// Fills the block for the given result rows of one image of the batch.
  func fill(_ block: UnsafeMutablePointer<Float>, image: Int, rows: Range<Int>) {
    let (_, sourceRows, sourceColumns, channels) = source.shape.image
    let copied = min(sourceColumns, columns - left) * channels
    let before = left * channels
    var line = block
    source.scalars.withUnsafeBufferPointer { source in
      for phase in 0..<phases {
        for row in 0..<rowsPerPhase(rows.count) {
          defer { line += rowLength }
          let sourceRow = (rows.lowerBound + row) * stride + phase - top
          guard sourceRow >= 0, sourceRow < sourceRows else {
            line.update(repeating: 0, count: rowLength)
            continue
          }
          let x = source.baseAddress! + (image * sourceRows + sourceRow) * sourceColumns * channels
          line.update(repeating: 0, count: before)
          if isRectifying {
            let y = line + before
            for i in 0..<copied { y[i] = rectified(x[i]) }
          } else {
            (line + before).update(from: x, count: copied)
          }
          (line + before + copied).update(repeating: 0, count: rowLength - before - copied)
        }
      }
    }
  }
}

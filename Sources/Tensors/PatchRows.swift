/// Copies rows of an image, patch by patch, so that a convolution is one matrix product for each kernel row.
///
/// A *patch row* is what one row of the kernel covers at each place of a row of the image: `[place, kernelColumn,
/// channel]`. Kernel rows share them, so the image is copied once for each kernel column and not for
/// each element. For strides above 1, they are sorted by image row modulo stride into *phases*, so that those
/// which one kernel row needs follow each other.
struct PatchRows: Sendable {
  let source: Tensor
  let stride: Int
  let kernelRows: Int
  let kernelColumns: Int
  /// Zeros before the first row and column.
  let top: Int
  let left: Int
  /// Places in a row of the result.
  let places: Int
  /// What happens to the image on the way.
  let preparation: InputPreparation

  /// The numbers under one row of the kernel.
  var depth: Int { kernelColumns * source.shape.channels }

  private var phases: Int { min(kernelRows, stride) }
  private func rowsPerPhase(_ rows: Int) -> Int { rows + (kernelRows - 1) / stride }

  /// The numbers that the patch rows of so many result rows take.
  func count(rows: Int) -> Int { phases * rowsPerPhase(rows) * places * depth }

  /// Where those under the given row of the kernel begin.
  func offset(kernelRow: Int, rows: Int) -> Int {
    (kernelRow % stride * rowsPerPhase(rows) + kernelRow / stride) * places * depth
  }

  /// Fills `block` with the patch rows of the given result rows of one image of the batch.
  func fill(_ block: UnsafeMutablePointer<Float>, image: Int, rows: Range<Int>) {
    let (_, storedRows, sourceColumns, channels) = source.shape.image
    let factor = preparation == .doubled ? 2 : 1
    let sourceRows = storedRows * factor
    var line = block
    source.scalars.withUnsafeBufferPointer { source in
      for phase in 0..<phases {
        for row in 0..<rowsPerPhase(rows.count) {
          let sourceRow = (rows.lowerBound + row) * stride + phase - top
          if sourceRow >= 0, sourceRow < sourceRows {
            let start = (image * storedRows + sourceRow / factor) * sourceColumns * channels
            copyPatches(of: source.baseAddress! + start, columns: sourceColumns * factor, to: line)
          } else {
            line.update(repeating: 0, count: places * depth)
          }
          line += places * depth
        }
      }
    }
  }

  private func copyPatches(
    of row: UnsafePointer<Float>, columns: Int, to line: UnsafeMutablePointer<Float>
  ) {
    let channels = source.shape.channels
    var patch = line
    for place in 0..<places {
      let first = place * stride - left
      let inside = max(first, 0)..<max(min(first + kernelColumns, columns), max(first, 0))
      let before = min(inside.lowerBound - first, kernelColumns) * channels
      let count = inside.count * channels
      patch.update(repeating: 0, count: before)
      let y = patch + before
      switch preparation {
      case .none, .mapped: y.update(from: row + inside.lowerBound * channels, count: count)
      case .rectified:
        let x = row + inside.lowerBound * channels
        for i in 0..<count { y[i] = rectified(x[i]) }
      case .doubled:
        for (index, column) in inside.enumerated() {
          (y + index * channels).update(from: row + column / 2 * channels, count: channels)
        }
      }
      (y + count).update(repeating: 0, count: depth - before - count)
      patch += depth
    }
  }
}

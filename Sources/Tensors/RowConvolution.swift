import CKernels

/// A convolution computed as one product per kernel row, for all cases that do not use `Winograd`.
///
/// Each element is a single chain of sums over the kernel's rows, columns, and inputs, so its bits do not depend on
/// how the work is divided.
struct RowConvolution: Sendable {
  /// The number of result positions for which one worker prepares image rows.
  ///
  /// Adjacent blocks share rows, which are prepared twice; larger blocks reduce this overhead.
  private static let positionsPerBlock = 512
  /// The number of position panels per product, such that the packed panels stay in the second-level cache.
  private static let panelsPerProduct = 6
  /// The number of output panels per part: a map with few blocks is also divided by outputs, so that there is work
  /// for several threads.
  private static let outputPanelsPerPart = 4

  let rows: PaddedRows
  let stride: Int
  let kernel: PackedWeights
  let epilogue: Epilogue

  /// Returns the number of elements that each worker allocates, for a 3 × 3 kernel and a map with `columns`
  /// columns.
  static func scratchCount(columns: Int, channels: Int) -> Int {
    let positions = panelsPerProduct * Panels.rows
    return (max(positionsPerBlock / columns, 1) + 2) * (columns + 2) * channels
      + positions
      * (Panels.depth(3 * channels) + Panels.count(channels, of: Panels.columns)
        * Panels.columns)
  }

  /// Computes the result, `[batch, height, width, out]`.
  func run(batch: Int, height: Int, width: Int, into output: SharedOutput) {
    let layout = kernel.layout
    let blocks = evenParts(height, length: max(Self.positionsPerBlock / width, 1))
    let parts = evenParts(
      layout.panels,
      length: batch * blocks.count < 4 ? Self.outputPanelsPerPart : layout.panels)
    parallel(batch * blocks.count * parts.count) { index in
      let (place, part) = index.quotientAndRemainder(dividingBy: parts.count)
      let (image, block) = (place / blocks.count, blocks[place % blocks.count])
      let inputRows = block.lowerBound * stride..<(block.upperBound - 1) * stride + layout.rows
      withScratch(inputRows.count * rows.rowCount) { lines in
        rows.fill(lines, image: image, rows: inputRows)
        multiply(
          lines, width: width, positions: block.count * width, by: parts[part],
          first: (image * height + block.lowerBound) * width, into: output)
      }
    }
  }

  /// Computes a range of output panels for `positions` positions, starting at position `first`.
  private func multiply(
    _ lines: UnsafePointer<Float>, width: Int, positions: Int, by outputPanels: Range<Int>,
    first: Int, into output: SharedOutput
  ) {
    let layout = kernel.layout
    let groups = evenParts(
      Panels.count(positions, of: Panels.rows), length: Self.panelsPerProduct)
    let held = Self.panelsPerProduct * Panels.rows
    withScratch(held * (layout.depth + outputPanels.count * Panels.columns)) { packed in
      let products = packed + held * layout.depth
      for group in groups {
        let productCount = group.count * Panels.rows * Panels.columns
        kernel.withPanels { panels in
          for row in 0..<layout.rows {
            for (place, panel) in group.enumerated() {
              pack(
                lines + row * rows.rowCount, width: width,
                positions: panel * Panels.rows..<min((panel + 1) * Panels.rows, positions),
                into: packed + place * Panels.rows * layout.depth)
            }
            for (place, panel) in outputPanels.enumerated() {
              ck_panel_products(
                products + place * productCount, packed, Panels.rows * layout.depth,
                panels + panel * layout.panelCount + row * layout.depth * Panels.columns,
                group.count, layout.depth, row > 0 ? 1 : 0)
            }
          }
        }
        for (place, panel) in outputPanels.enumerated() {
          epilogue.finish(
            products + place * productCount, panel: panel, of: layout.outputs,
            rows: min(group.upperBound * Panels.rows, positions) - group.lowerBound * Panels.rows,
            first: first + group.lowerBound * Panels.rows, into: output)
        }
      }
    }
  }

  /// Packs the inputs under one kernel row for a panel of positions.
  private func pack(
    _ lines: UnsafePointer<Float>, width: Int, positions: Range<Int>,
    into packed: UnsafeMutablePointer<Float>
  ) {
    Panels.pack(positions, length: kernel.layout.inputs, into: packed) { position in
      let (row, column) = position.quotientAndRemainder(dividingBy: width)
      return lines + row * stride * rows.rowCount + column * stride * rows.source.shape.channels
    }
  }
}

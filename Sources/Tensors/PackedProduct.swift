import CKernels

/// x · weights by products of packed panels: `[rows, depth]` by `[depth, columns]`.
///
/// Each number is one chain of sums in the order of depth, so that its bits depend on no cut. The smaller side is packed
/// and held as a whole, while the other passes in parts.
struct PackedProduct: Sendable {
  /// Panels of rows in one product, where the rows are held.
  private static let panelsOfHeldRows = 8
  /// Numbers that one worker packs at once, where the weights are held: half of a second-level cache.
  private static let passingCount = 1 << 17

  /// `[…, depth]`.
  let x: Tensor
  /// `[depth, columns]`.
  let weights: Tensor
  let epilogue: Epilogue

  /// Below, too little of a panel is used.
  static func suits(rows: Int) -> Bool { rows > Panels.rows }

  private var rows: Int { x.shape.positions }
  private var count: Int { weights.shape[0] }
  private var columns: Int { weights.shape[1] }
  private var depth: Int { Panels.depth(count) }
  private var rowPanels: Int { Panels.count(rows, of: Panels.rows) }
  private var columnPanels: Int { Panels.count(columns, of: Panels.columns) }
  private var rowPanelCount: Int { Panels.rows * depth }
  private var columnPanelCount: Int { depth * Panels.columns }

  func run(into output: SharedOutput) {
    if rows > columns { passRows(into: output) } else { passColumns(into: output) }
  }

  private func passRows(into output: SharedOutput) {
    withScratch(columnPanels * columnPanelCount) { scratch in
      let held = SharedOutput(scratch)
      parallel(columnPanels) { pack(columns: $0, into: held.base + $0 * columnPanelCount) }
      let blocks = evenParts(rowPanels, length: max(Self.passingCount / rowPanelCount, 1))
      parallel(blocks.count) { index in
        let block = blocks[index]
        withScratch(block.count * (rowPanelCount + Panels.rows * Panels.columns)) {
          packed in
          let products = packed + block.count * rowPanelCount
          for (place, panel) in block.enumerated() {
            pack(rows: panel, into: packed + place * rowPanelCount)
          }
          for panel in 0..<columnPanels {
            ck_panel_products(
              products, packed, held.base + panel * columnPanelCount, block.count, depth)
            finish(products, rows: block, columns: panel, into: output)
          }
        }
      }
    }
  }

  private func passColumns(into output: SharedOutput) {
    withScratch(rowPanels * rowPanelCount) { scratch in
      let held = SharedOutput(scratch)
      parallel(rowPanels) { pack(rows: $0, into: held.base + $0 * rowPanelCount) }
      let blocks = evenParts(rowPanels, length: Self.panelsOfHeldRows)
      parallel(columnPanels) { panel in
        withScratch(
          columnPanelCount + Self.panelsOfHeldRows * Panels.rows * Panels.columns
        ) { packed in
          let products = packed + columnPanelCount
          pack(columns: panel, into: packed)
          for block in blocks {
            ck_panel_products(
              products, held.base + block.lowerBound * rowPanelCount, packed, block.count, depth)
            finish(products, rows: block, columns: panel, into: output)
          }
        }
      }
    }
  }

  private func pack(rows panel: Int, into packed: UnsafeMutablePointer<Float>) {
    let first = panel * Panels.rows
    x.scalars.withUnsafeBufferPointer { x in
      ck_pack_rows(
        packed, x.baseAddress! + first * count, count, min(Panels.rows, rows - first), count)
    }
  }

  private func pack(columns panel: Int, into packed: UnsafeMutablePointer<Float>) {
    ck_pack_columns(packed, weights.scalars, count, columns, panel * Panels.columns)
  }

  private func finish(
    _ products: UnsafePointer<Float>, rows panels: Range<Int>, columns panel: Int,
    into output: SharedOutput
  ) {
    let (row, column) = (panels.lowerBound * Panels.rows, panel * Panels.columns)
    let offset = row * columns + column
    epilogue.withPointers { bias, residual in
      ck_channel_map(
        output.base + offset, columns, products, Panels.columns,
        min(panels.count * Panels.rows, rows - row),
        min(Panels.columns, columns - column), nil, bias.map { $0 + column },
        residual.map { $0 + offset }, epilogue.activation.kernelCode)
    }
  }
}

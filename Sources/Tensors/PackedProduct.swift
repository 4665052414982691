import CKernels

/// x · weights by products of packed panels: `[rows, depth]` by `[depth, columns]`.
///
/// Each number is one chain of sums in the order of depth, so that its bits depend on no cut. The smaller side is packed
/// and held as a whole, while the other passes in parts.
struct PackedProduct: Sendable {
  private static let rowsPerPanel = Int(CK_PANEL_ROWS)
  private static let columnsPerPanel = Int(CK_PANEL_COLUMNS)
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
  static func suits(rows: Int) -> Bool { rows > rowsPerPanel }

  private var rows: Int { x.shape.positions }
  private var count: Int { weights.shape[0] }
  private var columns: Int { weights.shape[1] }
  private var depth: Int {
    let lanes = Int(CK_PANEL_LANES)
    return (count + lanes - 1) / lanes * lanes
  }
  private var rowPanels: Int { (rows + Self.rowsPerPanel - 1) / Self.rowsPerPanel }
  private var columnPanels: Int { (columns + Self.columnsPerPanel - 1) / Self.columnsPerPanel }
  private var rowPanelCount: Int { Self.rowsPerPanel * depth }
  private var columnPanelCount: Int { depth * Self.columnsPerPanel }

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
        withScratch(block.count * (rowPanelCount + Self.rowsPerPanel * Self.columnsPerPanel)) {
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
          columnPanelCount + Self.panelsOfHeldRows * Self.rowsPerPanel * Self.columnsPerPanel
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
    let first = panel * Self.rowsPerPanel
    x.scalars.withUnsafeBufferPointer { x in
      ck_pack_rows(
        packed, x.baseAddress! + first * count, count, min(Self.rowsPerPanel, rows - first), count)
    }
  }

  private func pack(columns panel: Int, into packed: UnsafeMutablePointer<Float>) {
    ck_pack_columns(packed, weights.scalars, count, columns, panel * Self.columnsPerPanel)
  }

  private func finish(
    _ products: UnsafePointer<Float>, rows panels: Range<Int>, columns panel: Int,
    into output: SharedOutput
  ) {
    let (row, column) = (panels.lowerBound * Self.rowsPerPanel, panel * Self.columnsPerPanel)
    let offset = row * columns + column
    epilogue.withPointers { bias, residual in
      ck_channel_map(
        output.base + offset, columns, products, Self.columnsPerPanel,
        min(panels.count * Self.rowsPerPanel, rows - row),
        min(Self.columnsPerPanel, columns - column), nil, bias.map { $0 + column },
        residual.map { $0 + offset }, epilogue.activation.kernelCode)
    }
  }
}

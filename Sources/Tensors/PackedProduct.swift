import CKernels

/// The product x · weights, computed from packed panels: `[rows, depth]` by `[depth, columns]`.
///
/// Each element is a single chain of sums in the order of depth, so its bits do not depend on how the work is
/// divided. If there are fewer rows than columns, all rows are packed and the weights are streamed; otherwise, the
/// rows are streamed in parts.
struct PackedProduct: Sendable {
  /// The number of row panels per product when the weights are streamed.
  private static let panelsOfHeldRows = 8
  /// The number of elements that one worker packs at a time when the rows are streamed: half of a second-level
  /// cache.
  private static let passingCount = 1 << 17
  /// The maximum number of panels that one worker packs at a time, so that there is work for many threads.
  private static let passingPanels = 16

  /// The left operand, `[…, depth]`.
  let x: Tensor
  let weights: PackedWeights
  let epilogue: Epilogue

  private var rows: Int { x.shape.positions }
  private var count: Int { x.shape.channels }
  private var rowPanels: Int { Panels.count(rows, of: Panels.rows) }
  private var rowPanelCount: Int { Panels.rows * weights.layout.depth }

  func run(into output: SharedOutput) {
    if rows > weights.layout.outputs { passRows(into: output) } else { passColumns(into: output) }
  }

  private func passRows(into output: SharedOutput) {
    let blocks = evenParts(
      rowPanels, length: min(max(Self.passingCount / rowPanelCount, 1), Self.passingPanels))
    parallel(blocks.count) { index in
      let block = blocks[index]
      withScratch(block.count * (rowPanelCount + Panels.rows * Panels.columns)) { packed in
        for (place, panel) in block.enumerated() {
          pack(rows: panel, into: packed + place * rowPanelCount)
        }
        for panel in 0..<weights.layout.panels {
          multiply(
            packed, rows: block, by: panel, products: packed + block.count * rowPanelCount,
            into: output)
        }
      }
    }
  }

  private func passColumns(into output: SharedOutput) {
    withScratch(rowPanels * rowPanelCount) { scratch in
      let held = SharedOutput(scratch)
      parallel(rowPanels) { pack(rows: $0, into: held.base + $0 * rowPanelCount) }
      let blocks = evenParts(rowPanels, length: Self.panelsOfHeldRows)
      parallel(weights.layout.panels) { panel in
        withScratch(Self.panelsOfHeldRows * Panels.rows * Panels.columns) { products in
          for block in blocks {
            multiply(
              held.base + block.lowerBound * rowPanelCount, rows: block, by: panel,
              products: products, into: output)
          }
        }
      }
    }
  }

  private func pack(rows panel: Int, into packed: UnsafeMutablePointer<Float>) {
    let first = panel * Panels.rows
    x.scalars.withUnsafeBufferPointer { x in
      Panels.pack(first..<min(first + Panels.rows, rows), length: count, into: packed) {
        x.baseAddress! + $0 * count
      }
    }
  }

  private func multiply(
    _ packed: UnsafePointer<Float>, rows panels: Range<Int>, by panel: Int,
    products: UnsafeMutablePointer<Float>, into output: SharedOutput
  ) {
    weights.withPanels {
      ck_panel_products(
        products, packed, rowPanelCount, $0 + panel * weights.layout.panelCount, panels.count,
        weights.layout.depth, 0)
    }
    let first = panels.lowerBound * Panels.rows
    epilogue.finish(
      products, panel: panel, of: weights.layout.outputs,
      rows: min(panels.upperBound * Panels.rows, rows) - first, first: first, into: output)
  }
}

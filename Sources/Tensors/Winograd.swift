import CKernels

/// Convolutions of stride 1 by 3 × 3 taps, four by four results at a time, with a quarter of the products.
///
/// A map is cut into squares of 4 × 4 results, each seen through 6 × 6 pixels. Brought to 36 frequencies, a convolution
/// is 36 products over channels, of as many rows as squares are taken at once. The error is below 4e-6 of the result's
/// scale, where that by rows is below 2e-6. Where every pixel has been doubled, 25 frequencies are left.
/// Source: A. Lavin and S. Gray, CVPR 2016, arXiv:1509.09308, F(4×4, 3×3).
///
/// Squares are taken in panels of 12, outputs in panels of 32, so that a product of two panels fits the registers; inputs
/// are filled up to a depth of whole lanes. Each result is one chain of sums over its channels, so that its bits do not
/// depend on how many panels are taken at once.
struct Winograd: Sendable {
  /// 6 × 6.
  static let frequencies = 36
  static let outputsPerPanel = Panels.columns
  let input: WinogradInput
  /// `[3, 3, in, out]`.
  let kernel: PackedWeights
  let epilogue: Epilogue

  private var squares: WinogradSquares { input.squares }
  private var outputs: Int { kernel.shape[3] }
  private var outputPanels: Int { kernel.layout.panels }
  private var filterCount: Int { Self.filterCount(depth: input.depth) }

  private static func filterCount(depth: Int) -> Int {
    frequencies * (depth * outputsPerPanel + Int(CK_WINOGRAD_GAP))
  }

  /// The numbers of all filters at their frequencies.
  static func filterCount(inputs: Int, outputs: Int) -> Int {
    Panels.count(outputs, of: outputsPerPanel) * filterCount(depth: Panels.depth(inputs))
  }

  /// Whether a convolution is faster by squares: at least two panels of them, or nearly so.
  static func suits(
    rows: Int, columns: Int, kernel: Shape, stride: Int, padding: Padding
  ) -> Bool {
    kernel[0] == 3 && kernel[1] == 3 && stride == 1 && (padding == .each(1) || padding == .same)
      && kernel[2] >= 16 && rows * columns >= 16 * 16
  }

  /// The numbers that one worker holds for itself at most during a convolution.
  static func scratchCount(channels: Int) -> Int {
    let (depth, blocks) = (Panels.depth(channels), WinogradBlocks.chosen)
    let passing = blocks.passingMap * WinogradSquares.perPanel * (depth + outputsPerPanel)
    let held = blocks.heldMap * WinogradSquares.perPanel * outputsPerPanel
    return max(frequencies * passing, filterCount(depth: depth) + frequencies * held)
  }

  /// Fills the result `[batch, height, width, out]`.
  func run(batch: Int, into output: SharedOutput) {
    if WinogradBlocks.holdsFilters(rows: squares.height, columns: squares.width, outputs: outputs) {
      passMap(batch: batch, into: output)
    } else {
      for image in 0..<batch { passFilters(image: image, into: output) }
    }
    guard epilogue.activation == .gelu || epilogue.activation == .silu else { return }
    let line = squares.width * outputs
    parallel(batch * squares.height) { epilogue.activate(output.base + $0 * line, count: line) }
  }

  private func passMap(batch: Int, into output: SharedOutput) {
    withScratch(outputPanels * filterCount) { filters in
      let held = SharedOutput(filters)
      parallel(outputPanels) {
        transform(panel: $0, inputs: 0..<input.depth, into: held.base + $0 * filterCount)
      }
      let blocks = squares.blocks(length: WinogradBlocks.current.passingMap)
      parallel(batch * blocks.count) { index in
        let (image, block) = (index / blocks.count, blocks[index % blocks.count])
        withScratch(input.count(panels: block.count)) { frequencies in
          input.fill(frequencies, image: image, panels: block, of: block)
          withScratch(productCount(panels: block.count)) { products in
            for panel in 0..<outputPanels {
              multiply(
                frequencies, panels: block, of: block, inputs: 0..<input.depth,
                by: held.base + panel * filterCount, products)
              finish(products, image: image, panels: block, outputPanel: panel, into: output)
            }
          }
        }
      }
    }
  }

  private func passFilters(image: Int, into output: SharedOutput) {
    let panels = squares.panels.indices
    withScratch(input.count(panels: panels.count)) { frequencies in
      let held = SharedOutput(frequencies)
      let heldPanels = WinogradBlocks.current.heldMap
      let bands = squares.blocks(length: WinogradBlocks.current.passingMap)
      parallel(bands.count) {
        input.fill(held.base, image: image, panels: bands[$0], of: panels)
      }
      let blocks = evenParts(panels.count, length: heldPanels)
      // Filters that only one block wants are used part by part, while they are in the second-level cache.
      let parts =
        blocks.count == 1
        ? stride(from: 0, to: input.depth, by: WinogradBlocks.current.inputs).map {
          $0..<min($0 + WinogradBlocks.current.inputs, input.depth)
        } : [0..<input.depth]
      parallel(outputPanels) { panel in
        withScratch(Self.filterCount(depth: parts[0].count)) { filters in
          withScratch(productCount(panels: heldPanels)) { products in
            for block in blocks {
              for part in parts {
                if parts.count > 1 || block.lowerBound == 0 {
                  transform(panel: panel, inputs: part, into: filters)
                }
                multiply(
                  held.base, panels: block, of: panels, inputs: part, by: filters, products)
              }
              finish(products, image: image, panels: block, outputPanel: panel, into: output)
            }
          }
        }
      }
    }
  }

  private func productCount(panels: Int) -> Int {
    Self.frequencies * panels * WinogradSquares.perPanel * Self.outputsPerPanel
  }

  /// Brings the filters of a panel of outputs, for some inputs, to frequencies: `[36, depth, 32]`.
  private func transform(
    panel: Int, inputs: Range<Int>, into filters: UnsafeMutablePointer<Float>
  ) {
    let (layout, count) = (kernel.layout, kernel.shape[2])
    kernel.withPanels { panels in
      ck_winograd_filters(
        filters,
        panels + panel * layout.panelCount + inputs.lowerBound * Self.outputsPerPanel,
        layout.depth * Self.outputsPerPanel, count * Self.outputsPerPanel,
        min(inputs.upperBound, count) - inputs.lowerBound, input.isDoubled)
    }
  }

  /// The products over some inputs of some panels, of `all` that `frequencies` holds: `[36, panel, 12, 32]`, in addition
  /// to those over the inputs before.
  private func multiply(
    _ frequencies: UnsafePointer<Float>, panels: Range<Int>, of all: Range<Int>,
    inputs: Range<Int>, by filters: UnsafePointer<Float>,
    _ products: UnsafeMutablePointer<Float>
  ) {
    let panelCount = WinogradSquares.perPanel * input.depth
    ck_winograd_products(
      products,
      frequencies + (panels.lowerBound - all.lowerBound) * panelCount
        + inputs.lowerBound * WinogradSquares.perPanel,
      all.count * panelCount, panelCount, filters, panels.count, inputs.count,
      inputs.lowerBound > 0 ? 1 : 0, input.isDoubled)
  }

  /// Frequencies back to results, with what follows the convolution but a GELU or SiLU.
  private func finish(
    _ products: UnsafePointer<Float>, image: Int, panels: Range<Int>, outputPanel: Int,
    into output: SharedOutput
  ) {
    let (height, width) = (squares.height, squares.width)
    let first = outputPanel * Self.outputsPerPanel
    let channels = min(Self.outputsPerPanel, outputs - first)
    let spread = panels.count * WinogradSquares.perPanel * Self.outputsPerPanel
    epilogue.withPointers { bias, residual in
      squares.forEach(of: panels) { place, row, column in
        let offset = ((image * height + row) * width + column) * outputs + first
        ck_winograd_output(
          output.base + offset, width * outputs, outputs,
          Int32(min(WinogradSquares.side, height - row)),
          Int32(min(WinogradSquares.side, width - column)),
          products + place * Self.outputsPerPanel, spread, channels, bias.map { $0 + first },
          residual.map { $0 + offset }, input.isDoubled, epilogue.activation == .relu ? 1 : 0)
      }
    }
  }
}

/// How many panels of squares, and how many inputs, are taken at once.
///
/// No bit of a result depends on it.
package struct WinogradBlocks: Sendable {
  /// Brought to frequencies by one worker, where the filters are held.
  package var passingMap: Int
  /// In one product, where the map is held.
  package var heldMap: Int
  /// Inputs, in whole lanes, whose filters are at their frequencies at once, where one product takes the whole map.
  package var inputs: Int

  package init(passingMap: Int, heldMap: Int, inputs: Int = 128) {
    (self.passingMap, self.heldMap, self.inputs) = (passingMap, heldMap, inputs)
  }

  /// By `Tests/BlockSizes`, 1 to 6 panels and 64 to 128 inputs are within 8 % of the best in the mean over the layers of
  /// our networks; of these, sizes that need little memory and leave work for many threads.
  package static let chosen = WinogradBlocks(passingMap: 2, heldMap: 6)

  /// Whether all filters are held at their frequencies while the map passes, else the map while the filters do: whatever
  /// is smaller.
  package static func holdsFilters(rows: Int, columns: Int, outputs: Int) -> Bool {
    rows * columns > outputs * WinogradSquares.side * WinogradSquares.side
  }

  /// Others, to measure and to test.
  @TaskLocal package static var current = chosen
}

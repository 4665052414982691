import CKernels

/// Convolutions with 3 × 3 kernels and stride 1 by Winograd's minimal filtering, F(4×4, 3×3), with a quarter of the
/// multiplications.
///
/// The result is divided into squares of 4 × 4 pixels, each of which depends on 6 × 6 input pixels. In the
/// transform domain, which has 36 components (here called frequencies), a convolution is 36 matrix products over
/// channels, with one row for each square that is processed at the same time. The error is below 4e-6 of the
/// result's scale; that of the row convolution is below 2e-6. For inputs upsampled by 2, only 25 frequencies
/// remain.
///
/// Source: A. Lavin and S. Gray, CVPR 2016, arXiv:1509.09308.
///
/// Squares are grouped in panels of 12 and outputs in panels of 32, so that a product of two panels fits in the
/// registers. Inputs are zero-padded to a depth of whole SIMD lanes. Each result is a single chain of sums over its
/// channels, so it is bit-identical for any number of panels processed at the same time.
struct Winograd: Sendable {
  /// The number of transform components, 6 × 6.
  static let frequencies = 36
  static let outputsPerPanel = Panels.columns
  let input: WinogradInput
  /// The kernel, `[3, 3, in, out]`.
  let kernel: PackedWeights
  let epilogue: Epilogue

  private var squares: WinogradSquares { input.squares }
  private var outputs: Int { kernel.shape[3] }
  private var outputPanels: Int { kernel.layout.panels }
  private var filterCount: Int { Self.filterCount(depth: input.depth) }

  private static func filterCount(depth: Int) -> Int {
    frequencies * (depth * outputsPerPanel + Int(CK_WINOGRAD_GAP))
  }

  /// Returns the number of elements of all transformed filters.
  static func filterCount(inputs: Int, outputs: Int) -> Int {
    Panels.count(outputs, of: outputsPerPanel) * filterCount(depth: Panels.depth(inputs))
  }

  /// Returns whether this method is faster than the row convolution: for about two panels of squares or more.
  static func suits(
    rows: Int, columns: Int, kernel: Shape, stride: Int, padding: Padding
  ) -> Bool {
    kernel[0] == 3 && kernel[1] == 3 && stride == 1 && (padding == .each(1) || padding == .same)
      && kernel[2] >= 16 && rows * columns >= 16 * 16
  }

  /// Returns the maximum number of elements that each worker allocates during a convolution.
  static func scratchCount(channels: Int) -> Int {
    let (depth, blocks) = (Panels.depth(channels), WinogradBlocks.chosen)
    let passing = blocks.passingMap * WinogradSquares.perPanel * (depth + outputsPerPanel)
    let held = blocks.heldMap * WinogradSquares.perPanel * outputsPerPanel
    return max(frequencies * passing, filterCount(depth: depth) + frequencies * held)
  }

  /// Computes the result, `[batch, height, width, out]`.
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
      // Filters used by a single block are transformed and used in parts that stay in the second-level cache.
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

  /// Transforms the filters of a panel of outputs, for a range of inputs: `[36, depth, 32]`.
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

  /// Multiplies some panels of those in `frequencies`, over a range of inputs: `[36, panel, 12, 32]`.
  ///
  /// The products are added to those of the preceding inputs.
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

  /// Transforms products back to results and applies the epilogue, except for GELU and SiLU.
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

/// The number of panels and of inputs that are processed at the same time.
///
/// Results are bit-identical for all values.
package struct WinogradBlocks: Sendable {
  /// The number of panels that one worker transforms at a time when the filters are kept in memory.
  package var passingMap: Int
  /// The number of panels per product when the map is kept in memory.
  package var heldMap: Int
  /// The number of inputs, in whole SIMD lanes, whose filters are transformed at a time when one product covers the
  /// whole map.
  package var inputs: Int

  /// Creates block sizes.
  package init(passingMap: Int, heldMap: Int, inputs: Int = 128) {
    (self.passingMap, self.heldMap, self.inputs) = (passingMap, heldMap, inputs)
  }

  /// The default sizes.
  ///
  /// According to `Tests/BlockSizes`, 1 to 6 panels and 64 to 128 inputs are within 8 % of the optimum, averaged
  /// over the layers of the networks used here. Of these, the chosen sizes need little memory and leave work for
  /// many threads.
  package static let chosen = WinogradBlocks(passingMap: 2, heldMap: 6)

  /// Returns whether all transformed filters are kept in memory while the map is streamed, or vice versa, whichever
  /// needs less memory.
  package static func holdsFilters(rows: Int, columns: Int, outputs: Int) -> Bool {
    rows * columns > outputs * WinogradSquares.side * WinogradSquares.side
  }

  /// The sizes in use; measurements and tests can change them.
  @TaskLocal package static var current = chosen
}

import CKernels

/// Convolutions of stride 1 by 3 × 3 taps, four by four results at a time, with a quarter of the products.
///
/// A map is cut into squares of 4 × 4 results, each seen through 6 × 6 pixels. Brought to 36 frequencies, a convolution
/// is 36 products over channels, of as many rows as squares are taken at once. The error is below 1e-5 of the result's
/// scale, where that by rows is below 2e-6. Where every pixel has been doubled, 25 frequencies are left.
/// Source: A. Lavin and S. Gray, CVPR 2016, arXiv:1509.09308, F(4×4, 3×3).
///
/// Squares are counted row by row and taken in panels of 12, outputs in panels of 32, so that a product of two panels
/// fits the registers; inputs are filled up to a depth of whole lanes. Each result is one chain of sums over its
/// channels, so that its bits do not depend on how many panels are taken at once.
struct Winograd: Sendable {
  /// 6 × 6.
  static let frequencies = 36
  /// Results along each side of a square.
  static let side = 4
  static let squaresPerPanel = Int(CK_PANEL_ROWS)
  static let outputsPerPanel = Int(CK_PANEL_COLUMNS)

  /// The stored map; half as large as the one convolved where every pixel becomes two by two.
  let source: Tensor
  /// `[3, 3, in, out]`.
  let kernel: Tensor
  let preparation: InputPreparation
  let height: Int
  let width: Int
  let epilogue: Epilogue

  private var channels: Int { kernel.shape[2] }
  private var outputs: Int { kernel.shape[3] }
  private var squaresAcross: Int { (width + Self.side - 1) / Self.side }
  private var squares: Int { (height + Self.side - 1) / Self.side * squaresAcross }
  private var panels: Int { Self.panels(squares) }
  private var outputPanels: Int { (outputs + Self.outputsPerPanel - 1) / Self.outputsPerPanel }
  private var depth: Int { Self.depth(channels) }

  private static func panels(_ squares: Int) -> Int {
    (squares + squaresPerPanel - 1) / squaresPerPanel
  }

  private static func depth(_ channels: Int) -> Int {
    let lanes = Int(CK_PANEL_LANES)
    return (channels + lanes - 1) / lanes * lanes
  }

  /// Whether a convolution is faster by squares: at least two panels of them, or nearly so.
  static func suits(
    rows: Int, columns: Int, kernel: Shape, stride: Int, padding: Padding
  ) -> Bool {
    kernel[0] == 3 && kernel[1] == 3 && stride == 1 && (padding == .each(1) || padding == .same)
      && kernel[2] >= 32 && kernel[3] >= 32 && rows * columns >= 16 * 16
  }

  /// Fills the result `[batch, height, width, out]`.
  ///
  /// The smaller of the two is held at these frequencies, all filters or a whole map, while the other passes.
  func run(batch: Int, into output: SharedOutput) {
    if squares > outputs {
      passMap(batch: batch, into: output)
    } else {
      for image in 0..<batch { passFilters(image: image, into: output) }
    }
    guard epilogue.activation == .gelu || epilogue.activation == .silu else { return }
    let line = width * outputs
    parallel(batch * height) { epilogue.activate(output.base + $0 * line, count: line) }
  }

  private func passMap(batch: Int, into output: SharedOutput) {
    withScratch(outputPanels * filterCount) { filters in
      let held = SharedOutput(filters)
      parallel(outputPanels) { transform(panel: $0, into: held.base + $0 * filterCount) }
      let blocks = evenParts(panels, length: Self.panelsOfPassingMap)
      parallel(batch * blocks.count) { index in
        let (image, block) = (index / blocks.count, blocks[index % blocks.count])
        withScratch(inputCount(panels: block.count)) { input in
          fill(input, image: image, panels: block, of: block)
          withScratch(productCount(panels: block.count)) { products in
            for panel in 0..<outputPanels {
              multiply(
                input, panels: block, of: block, by: held.base + panel * filterCount, products)
              finish(products, image: image, panels: block, outputPanel: panel, into: output)
            }
          }
        }
      }
    }
  }

  private func passFilters(image: Int, into output: SharedOutput) {
    withScratch(inputCount(panels: panels)) { input in
      let held = SharedOutput(input)
      parallel(panels) { fill(held.base, image: image, panels: $0..<$0 + 1, of: 0..<panels) }
      let blocks = evenParts(panels, length: Self.panelsOfHeldMap)
      parallel(outputPanels) { panel in
        withScratch(filterCount) { filters in
          transform(panel: panel, into: filters)
          withScratch(productCount(panels: Self.panelsOfHeldMap)) { products in
            for block in blocks {
              multiply(held.base, panels: block, of: 0..<panels, by: filters, products)
              finish(products, image: image, panels: block, outputPanel: panel, into: output)
            }
          }
        }
      }
    }
  }

  private var filterCount: Int { Self.frequencies * depth * Self.outputsPerPanel }

  private func inputCount(panels: Int) -> Int {
    Self.frequencies * panels * Self.squaresPerPanel * depth
  }

  private func productCount(panels: Int) -> Int {
    Self.frequencies * panels * Self.squaresPerPanel * Self.outputsPerPanel
  }

  /// Brings the filters of a panel of outputs to frequencies: `[36, depth, 32]`.
  private func transform(panel: Int, into filters: UnsafeMutablePointer<Float>) {
    ck_winograd_filters(
      filters, kernel.scalars, channels, outputs, panel * Self.outputsPerPanel)
  }

  /// Brings the squares of some panels to frequencies: `[36, panel, depth / 16, 12, 16]`, where the block begins with
  /// the first of `all` that it has room for.
  private func fill(
    _ block: UnsafeMutablePointer<Float>, image: Int, panels: Range<Int>, of all: Range<Int>
  ) {
    let (_, storedRows, storedColumns, _) = source.shape.image
    let shift = preparation == .doubled ? 1 : 0
    let rectify: Int32 = preparation == .rectified ? 1 : 0
    let panelCount = Self.squaresPerPanel * depth
    withUnsafeTemporaryAllocation(of: Float.self, capacity: channels) { zeros in
      zeros.initialize(repeating: 0)
      source.scalars.withUnsafeBufferPointer { source in
        let base = source.baseAddress! + image * storedRows * storedColumns * channels
        withUnsafeTemporaryAllocation(of: UnsafePointer<Float>?.self, capacity: Self.frequencies) {
          pixels in
          let zero = UnsafePointer(zeros.baseAddress!)
          // The last panel is filled up with squares below the map, which see nothing.
          for square in panels.lowerBound * Self.squaresPerPanel..<panels.upperBound
            * Self.squaresPerPanel
          {
            let (down, across) = square.quotientAndRemainder(dividingBy: squaresAcross)
            for i in 0..<6 {
              let row = down * Self.side + i - 1
              let line = base + (row >> shift) * storedColumns * channels
              let isInside = square < squares && row >= 0 && row < height
              for j in 0..<6 {
                let column = across * Self.side + j - 1
                pixels[i * 6 + j] =
                  isInside && column >= 0 && column < width
                  ? line + (column >> shift) * channels : zero
              }
            }
            let (panel, place) = square.quotientAndRemainder(dividingBy: Self.squaresPerPanel)
            ck_winograd_input(
              block + (panel - all.lowerBound) * panelCount + place * Int(CK_PANEL_LANES),
              all.count * panelCount, pixels.baseAddress!, channels, rectify)
          }
        }
      }
    }
  }

  private func multiply(
    _ input: UnsafePointer<Float>, panels: Range<Int>, of all: Range<Int>,
    by filters: UnsafePointer<Float>, _ products: UnsafeMutablePointer<Float>
  ) {
    let panelCount = Self.squaresPerPanel * depth
    ck_winograd_products(
      products, input + (panels.lowerBound - all.lowerBound) * panelCount, all.count * panelCount,
      filters, panels.count, depth, preparation == .doubled ? 1 : 0)
  }

  /// Frequencies back to results, with what follows the convolution but a GELU or SiLU.
  private func finish(
    _ products: UnsafePointer<Float>, image: Int, panels: Range<Int>, outputPanel: Int,
    into output: SharedOutput
  ) {
    let first = outputPanel * Self.outputsPerPanel
    let channels = min(Self.outputsPerPanel, outputs - first)
    let begin = panels.lowerBound * Self.squaresPerPanel
    let spread = panels.count * Self.squaresPerPanel * Self.outputsPerPanel
    epilogue.withPointers { bias, residual in
      for square in begin..<min(panels.upperBound * Self.squaresPerPanel, squares) {
        let (down, across) = square.quotientAndRemainder(dividingBy: squaresAcross)
        let (row, column) = (down * Self.side, across * Self.side)
        let offset = ((image * height + row) * width + column) * outputs + first
        ck_winograd_output(
          output.base + offset, width * outputs, outputs,
          Int32(min(Self.side, height - row)), Int32(min(Self.side, width - column)),
          products + (square - begin) * Self.outputsPerPanel, spread, channels,
          bias.map { $0 + first }, residual.map { $0 + offset },
          epilogue.activation == .relu ? 1 : 0)
      }
    }
  }
}

extension Winograd {
  /// Panels of squares that one worker brings to frequencies at once, where the filters are held.
  private static let panelsOfPassingMap = 2
  /// Panels of squares in one product, where the map is held.
  private static let panelsOfHeldMap = 6

  /// The numbers that one worker holds for itself at most during a convolution.
  static func scratchCount(channels: Int) -> Int {
    frequencies
      * max(
        panelsOfPassingMap * squaresPerPanel * (depth(channels) + outputsPerPanel),
        outputsPerPanel * (depth(channels) + panelsOfHeldMap * squaresPerPanel))
  }
}

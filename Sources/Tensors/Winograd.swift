import CKernels

/// Convolutions of stride 1 by 3 × 3 taps, four by four results at a time, with a quarter of the products.
///
/// A map is cut into squares of 4 × 4 results, each seen through 6 × 6 pixels. Brought to 36 frequencies, a convolution
/// is 36 products over channels, of as many rows as squares are taken at once. The error is below 1e-5 of the result's
/// scale, where that by rows is below 2e-6.
/// Source: A. Lavin and S. Gray, CVPR 2016, arXiv:1509.09308, F(4×4, 3×3).
struct Winograd {
  /// 6 × 6.
  static let frequencies = 36
  /// Results along each side of a square.
  static let side = 4

  /// [36, in, out], the transformed filters.
  let filters: UnsafePointer<Float>
  let channels: Int
  let outputs: Int
  let preparation: InputPreparation
  /// The stored map; half as large as the one convolved where every pixel becomes two by two.
  let source: Tensor
  let height: Int
  let width: Int

  var squaresDown: Int { (height + Self.side - 1) / Self.side }
  var squaresAcross: Int { (width + Self.side - 1) / Self.side }

  /// Squares in one product: fewer where channels are few, so that their frequencies stay in cache, and enough rows
  /// for BLAS where they are many.
  ///
  /// The bits of a result depend on it, so it follows from channels alone.
  static func squares(channels: Int, outputs: Int) -> Int {
    switch max(channels, outputs) {
    case ...96: 64
    case ...192: 128
    default: 256
    }
  }

  /// Brings filters `[3, 3, in, out]` to frequencies: `[36, in, out]`.
  static func transform(_ kernel: Tensor, into filters: UnsafeMutablePointer<Float>) {
    let pairs = kernel.shape[2] * kernel.shape[3]
    let parts = evenParts(pairs, length: 1 << 14)
    let output = SharedOutput(
      UnsafeMutableBufferPointer(start: filters, count: frequencies * pairs))
    parallel(parts.count) { index in
      kernel.scalars.withUnsafeBufferPointer { kernel in
        let first = parts[index].lowerBound
        ck_winograd_filters(
          output.base + first, pairs, kernel.baseAddress! + first, pairs, parts[index].count)
      }
    }
  }

  /// Brings so many squares, counted row by row, to frequencies: `[36, square, channel]`.
  func fill(_ block: UnsafeMutablePointer<Float>, image: Int, squares: Range<Int>) {
    let (_, storedRows, storedColumns, _) = source.shape.image
    let shift = preparation == .doubled ? 1 : 0
    let rectify: Int32 = preparation == .rectified ? 1 : 0
    let spread = squares.count * channels
    withUnsafeTemporaryAllocation(of: Float.self, capacity: channels) { zeros in
      zeros.initialize(repeating: 0)
      source.scalars.withUnsafeBufferPointer { source in
        let base = source.baseAddress! + image * storedRows * storedColumns * channels
        withUnsafeTemporaryAllocation(of: UnsafePointer<Float>?.self, capacity: Self.frequencies) {
          pixels in
          let zero = UnsafePointer(zeros.baseAddress!)
          for (place, square) in squares.enumerated() {
            let (down, across) = square.quotientAndRemainder(dividingBy: squaresAcross)
            for i in 0..<6 {
              let row = down * Self.side + i - 1
              let line = base + (row >> shift) * storedColumns * channels
              let isInside = row >= 0 && row < height
              for j in 0..<6 {
                let column = across * Self.side + j - 1
                pixels[i * 6 + j] =
                  isInside && column >= 0 && column < width
                  ? line + (column >> shift) * channels : zero
              }
            }
            ck_winograd_input(
              block + place * channels, spread, pixels.baseAddress!, channels, rectify)
          }
        }
      }
    }
  }
}

extension Tensor {
  /// Whether a convolution is faster by squares: many channels to share the transforms, and rows for the products.
  static func suitsWinograd(
    rows: Int, columns: Int, kernel: Shape, stride: Int, padding: Padding
  ) -> Bool {
    kernel[0] == 3 && kernel[1] == 3 && stride == 1 && (padding == .each(1) || padding == .same)
      && kernel[2] >= 32 && kernel[3] >= 32 && rows * columns > 32 * 32
  }

  /// The convolution of a map by 3 × 3 taps with stride 1 and one row and column of zeros around it.
  func convolvedBySquares(
    with kernel: Tensor, height: Int, width: Int, preparing preparation: InputPreparation,
    epilogue: Epilogue
  ) -> Tensor {
    let (batch, _, _, channels) = shape.image
    let outputs = kernel.shape.channels
    return Tensor([batch, height, width, outputs]) { buffer in
      let output = SharedOutput(buffer)
      withScratch(Winograd.frequencies * channels * outputs) { filters in
        Winograd.transform(kernel, into: filters)
        let winograd = Winograd(
          filters: UnsafePointer(filters), channels: channels, outputs: outputs,
          preparation: preparation, source: self, height: height, width: width)
        winograd.run(batch: batch, into: output, epilogue: epilogue)
      }
    }
  }
}

extension Winograd: @unchecked Sendable {  // the filters are read alone, and outlive the loop
  fileprivate func run(batch: Int, into output: SharedOutput, epilogue: Epilogue) {
    let blocks = evenParts(
      squaresDown * squaresAcross, length: Self.squares(channels: channels, outputs: outputs))
    parallel(batch * blocks.count) { index in
      let (image, squares) = (index / blocks.count, blocks[index % blocks.count])
      let count = squares.count
      withScratch(Self.frequencies * count * channels) { input in
        fill(input, image: image, squares: squares)
        withScratch(Self.frequencies * count * outputs) { products in
          for frequency in 0..<Self.frequencies {
            BLAS.multiply(
              BLAS.Operand(input + frequency * count * channels, stride: channels),
              BLAS.Operand(filters + frequency * channels * outputs, stride: outputs),
              into: products + frequency * count * outputs, stride: outputs, m: count, n: outputs,
              k: channels)
          }
          finish(products, image: image, squares: squares, into: output, epilogue: epilogue)
        }
      }
    }
  }

  /// Frequencies back to results, with what follows the convolution.
  private func finish(
    _ products: UnsafePointer<Float>, image: Int, squares: Range<Int>, into output: SharedOutput,
    epilogue: Epilogue
  ) {
    let spread = squares.count * outputs
    epilogue.withPointers { bias, residual in
      for (place, square) in squares.enumerated() {
        let (down, across) = square.quotientAndRemainder(dividingBy: squaresAcross)
        let (row, column) = (down * Self.side, across * Self.side)
        let offset = ((image * height + row) * width + column) * outputs
        let (rows, columns) = (min(Self.side, height - row), min(Self.side, width - column))
        ck_winograd_output(
          output.base + offset, width * outputs, Int32(rows), Int32(columns),
          products + place * outputs, spread, outputs, bias, residual.map { $0 + offset },
          epilogue.activation == .relu ? 1 : 0)
        guard epilogue.activation == .gelu || epilogue.activation == .silu else { continue }
        for line in 0..<rows {
          epilogue.activate(
            output.base + offset + line * width * outputs, count: columns * outputs)
        }
      }
    }
  }
}

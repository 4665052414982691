import CKernels

/// The input transform of a Winograd convolution.
struct WinogradInput: Sendable {
  /// The stored feature map; half as large as the convolved one if each pixel is upsampled to 2 × 2.
  let source: Tensor
  let preparation: InputPreparation
  let squares: WinogradSquares

  private var channels: Int { source.shape.channels }

  var isDoubled: Int32 { preparation == .doubled ? 1 : 0 }

  /// The number of channels, rounded up to whole SIMD lanes.
  var depth: Int { Panels.depth(channels) }

  /// Returns the number of elements of `panels` panels at all frequencies.
  func count(panels: Int) -> Int {
    Winograd.frequencies * panels * WinogradSquares.perPanel * depth
  }

  /// Transforms the squares of some panels of one band to frequencies: `[36, panel, depth / 16, 12, 16]`.
  ///
  /// `block` has room for all panels of `all`, which contains `panels`. The unused places of a partial panel are
  /// filled with the pixels of the last square; their results are ignored.
  func fill(
    _ block: UnsafeMutablePointer<Float>, image: Int, panels: Range<Int>, of all: Range<Int>
  ) {
    guard case .mapped(let map) = preparation else {
      let (_, rows, columns, _) = source.shape.image
      source.scalars.withUnsafeBufferPointer { scalars in
        fill(
          block, panels: panels, of: all,
          from: Pixels(
            base: scalars.baseAddress! + image * rows * columns * channels,
            rows: 0..<squares.height, columns: 0..<squares.width, stride: columns,
            shift: Int(isDoubled)))
      }
      return
    }
    let window = squares.window(of: panels)
    withScratch(window.rows.count * window.columns.count * channels) { pixels in
      copy(window.rows, window.columns, of: image, by: map, to: pixels)
      fill(
        block, panels: panels, of: all,
        from: Pixels(
          base: UnsafePointer(pixels), rows: window.rows, columns: window.columns,
          stride: window.columns.count, shift: 0))
    }
  }

  /// Maps the pixels of a window, with zeros beyond the edges: `[row, column, channel]`.
  private func copy(
    _ rows: Range<Int>, _ columns: Range<Int>, of image: Int, by map: ChannelMap,
    to pixels: UnsafeMutablePointer<Float>
  ) {
    let inside = max(columns.lowerBound, 0)..<min(columns.upperBound, squares.width)
    let before = (inside.lowerBound - columns.lowerBound) * channels
    let after = (columns.upperBound - inside.upperBound) * channels
    source.scalars.withUnsafeBufferPointer { scalars in
      for (place, row) in rows.enumerated() {
        let line = pixels + place * columns.count * channels
        guard row >= 0, row < squares.height else {
          line.update(repeating: 0, count: columns.count * channels)
          continue
        }
        line.update(repeating: 0, count: before)
        let start = (image * squares.height + row) * squares.width + inside.lowerBound
        map.apply(
          scalars.baseAddress! + start * channels, to: line + before, image: image,
          positions: inside.count)
        (line + before + inside.count * channels).update(repeating: 0, count: after)
      }
    }
  }

  /// Pixels in memory for a range of rows and columns; with a shift of 1, each stored pixel represents 2 × 2
  /// pixels.
  private struct Pixels {
    /// The pixel at the first row and column of the range.
    let base: UnsafePointer<Float>
    let rows: Range<Int>
    let columns: Range<Int>
    /// The number of stored columns per row.
    let stride: Int
    let shift: Int
  }

  private func fill(
    _ block: UnsafeMutablePointer<Float>, panels: Range<Int>, of all: Range<Int>,
    from pixels: Pixels
  ) {
    let rectify: Int32 = preparation == .rectified ? 1 : 0
    let panelCount = WinogradSquares.perPanel * depth
    withUnsafeTemporaryAllocation(of: Float.self, capacity: channels) { zeros in
      zeros.initialize(repeating: 0)
      let zero = UnsafePointer(zeros.baseAddress!)
      withUnsafeTemporaryAllocation(of: UnsafePointer<Float>?.self, capacity: Winograd.frequencies)
      { pixelPointers in
        squares.forEach(of: panels, filling: true) { place, row, column in
          for i in 0..<6 {
            let y = row + i - 1
            let line =
              pixels.base + ((y - pixels.rows.lowerBound) >> pixels.shift) * pixels.stride
              * channels
            for j in 0..<6 {
              let x = column + j - 1
              pixelPointers[i * 6 + j] =
                pixels.rows.contains(y) && pixels.columns.contains(x)
                ? line + ((x - pixels.columns.lowerBound) >> pixels.shift) * channels : zero
            }
          }
          let (panel, square) = place.quotientAndRemainder(dividingBy: WinogradSquares.perPanel)
          ck_winograd_input(
            block + (panels.lowerBound - all.lowerBound + panel) * panelCount + square
              * Panels.lanes,
            all.count * panelCount, pixelPointers.baseAddress!, channels, isDoubled, rectify)
        }
      }
    }
  }
}

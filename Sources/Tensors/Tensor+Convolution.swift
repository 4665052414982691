/// The zeros around an image before a kernel slides over it.
public enum Padding: Sendable, Hashable {
  /// So many rows and columns on every side.
  case each(Int)
  /// As many as let the result have ceil(size / stride) rows and columns, the odd one at the bottom and right.
  ///
  /// This is TensorFlow's `SAME`.
  case same

  /// Zeros before the first of `size` pixels, and the size of the result.
  func applied(to size: Int, kernel: Int, stride: Int) -> (before: Int, result: Int) {
    switch self {
    case .each(let zeros):
      return (zeros, (size + 2 * zeros - kernel) / stride + 1)
    case .same:
      let result = (size + stride - 1) / stride
      return (max((result - 1) * stride + kernel - size, 0) / 2, result)
    }
  }
}

/// What happens to an image on its way into a convolution, without ever being held.
public enum InputPreparation: Sendable, Equatable {
  case none
  /// Negative numbers become 0: a ReLU for free.
  case rectified
  /// Every pixel becomes two by two.
  case doubled
  /// Every channel is mapped: a normalisation and its activation.
  case mapped(ChannelMap)
}

extension Tensor {
  /// activation(kernel ⋆ x + bias + residual): `[batch, row, column, in]` → `[batch, row', column', out]`.
  ///
  /// The kernel is `[kernelRow, kernelColumn, in, out]`, the bias `[out]`, the residual of the result's shape.
  public func convolved(
    with kernel: PackedWeights, bias: Tensor? = nil, stride: Int = 1, padding: Padding,
    preparing preparation: InputPreparation = .none, activation: Activation = .none,
    adding residual: Tensor? = nil
  ) -> Tensor {
    let (batch, storedRows, storedColumns, channels) = shape.image
    let factor = preparation == .doubled ? 2 : 1
    let (rows, columns) = (storedRows * factor, storedColumns * factor)
    let (kernelRows, kernelColumns, kernelChannels, outputs) = kernel.shape.image
    precondition(channels == kernelChannels, "\(shape) cannot be convolved with \(kernel.shape)")
    let vertical = padding.applied(to: rows, kernel: kernelRows, stride: stride)
    let horizontal = padding.applied(to: columns, kernel: kernelColumns, stride: stride)
    let (height, width) = (vertical.result, horizontal.result)
    precondition(height > 0 && width > 0, "\(shape) is smaller than \(kernel.shape)")
    if kernelRows == 1, kernelColumns == 1, height == rows, width == columns, preparation == .none {
      return product(kernel, bias: bias, activation: activation, adding: residual)
    }

    let epilogue = Epilogue(
      bias: bias, residual: residual, activation: activation,
      result: [batch, height, width, outputs])
    let result = LayerTimes.timed(
      LayerTimes.Kind(kernel: kernel.shape, stride: stride, preparation: preparation),
      "\(channels) → \(outputs), \(height) × \(width)",
      operations: 2 * Double(batch * height * width * outputs)
        * Double(kernelRows * kernelColumns * channels)
    ) {
      convolved(
        with: kernel, stride: stride, padding: padding, top: vertical.before,
        left: horizontal.before, preparing: preparation, epilogue: epilogue,
        result: [batch, height, width, outputs])
    }
    let way = ConvolutionPullback(
      x: untracked, kernel: kernel, preparation: preparation,
      gradient: ConvolutionGradient(
        kernel: kernel.shape, stride: stride, top: vertical.before, left: horizontal.before,
        rows: rows, columns: columns))
    let y = result
    return result.made(
      of: [self, kernel.source, bias, residual, preparation.gain, preparation.bias]
    ) { dy, isWanted in
      let dz = dy.activationPullback(activation, result: y) {
        way.x.convolved(
          with: kernel.untracked, bias: bias?.untracked, stride: stride, padding: padding,
          preparing: preparation.untracked, adding: residual?.untracked)
      }
      return way(dz, isWanted)
    }
  }

  private func convolved(
    with kernel: PackedWeights, stride: Int, padding: Padding, top: Int, left: Int,
    preparing preparation: InputPreparation, epilogue: Epilogue, result: Shape
  ) -> Tensor {
    let (batch, height, width, _) = result.image
    if Winograd.suits(
      rows: height, columns: width, kernel: kernel.shape, stride: stride, padding: padding)
    {
      let winograd = Winograd(
        input: WinogradInput(
          source: self, preparation: preparation,
          squares: WinogradSquares(height: height, width: width)),
        kernel: kernel, epilogue: epilogue)
      return Tensor(result) { winograd.run(batch: batch, into: SharedOutput($0)) }
    }
    let rows = PaddedRows(
      source: self, preparation: preparation, top: top, left: left,
      columns: (width - 1) * stride + kernel.shape[1])
    let convolution = RowConvolution(
      rows: rows, stride: stride, kernel: kernel, epilogue: epilogue)
    return Tensor(result) {
      convolution.run(batch: batch, height: height, width: width, into: SharedOutput($0))
    }
  }

  /// The numbers that one worker holds for itself during a 3 × 3 convolution of so wide a map.
  public static func convolutionScratchCount(columns: Int, channels: Int) -> Int {
    max(
      RowConvolution.scratchCount(columns: columns, channels: channels),
      Winograd.scratchCount(channels: channels))
  }

  /// Whether a 3 × 3 convolution of a large map with so many channels normalises it on its way, and not into a copy.
  public static func foldsNormalization(channels: Int) -> Bool {
    Winograd.suits(
      rows: 512, columns: 512, kernel: [3, 3, channels, channels], stride: 1, padding: .same)
  }

  /// The numbers that all workers together hold of the filters of a 3 × 3 convolution while it runs.
  public static func convolutionFilterCount(inputs: Int, outputs: Int) -> Int {
    Winograd.filterCount(inputs: inputs, outputs: outputs)
  }

  /// The transposed convolution whose kernel is as large as its stride, so that patches do not overlap.
  ///
  /// - Parameters:
  ///   - kernel: `[in, kernelRow · kernelColumn · out]`; x is `[batch, row, column, in]`.
  ///   - side: the rows of the kernel, and its columns.
  ///   - bias: `[out]`.
  /// - Returns: `[batch, row · stride, column · stride, out]`.
  public func spread(by kernel: PackedWeights, side: Int, bias: Tensor) -> Tensor {
    let (batch, rows, columns, _) = shape.image
    let outputs = bias.shape.count
    precondition(
      kernel.shape.channels == side * side * outputs,
      "\(kernel.shape) are no patches of \(side) × \(side) × \(outputs)")
    let patches = product(kernel)
    let result: Shape = [batch, rows * side, columns * side, outputs]
    let epilogue = Epilogue(bias: bias, residual: nil, activation: .none, result: result)
    let run = side * outputs  // one row of a patch
    let spread = Tensor(result) { buffer in
      let output = SharedOutput(buffer)
      parallel(batch * rows) { row in
        patches.scalars.withUnsafeBufferPointer { patches in
          for column in 0..<columns {
            let patch = patches.baseAddress! + (row * columns + column) * side * run
            for patchRow in 0..<side {
              let y = output.base + ((row * side + patchRow) * columns + column) * run
              y.update(from: patch + patchRow * run, count: run)
            }
          }
        }
        let offset = row * side * columns * run
        epilogue.finish(
          output.base + offset, offset: offset, rows: side * columns * side, of: outputs)
      }
    }
    return spread.made(of: [patches, bias]) { dy, isWanted in
      [
        isWanted[0] ? dy.patches(side: side).reshaped(patches.shape) : nil,
        isWanted[1] ? dy.positionSums() : nil,
      ]
    }
  }

  /// The pixels of each square of so many a side, row by row, one after the other: the way back from `spread`.
  private func patches(side: Int) -> Tensor {
    let (batch, rows, columns, channels) = shape.image
    let run = side * channels
    return Tensor([batch, rows / side, columns / side, side * run]) { buffer in
      let output = SharedOutput(buffer)
      parallel(batch * rows) { row in
        let (line, patchRow) = row.quotientAndRemainder(dividingBy: side)
        scalars.withUnsafeBufferPointer { dy in
          for column in 0..<columns / side {
            (output.base + ((line * (columns / side) + column) * side + patchRow) * run).update(
              from: dy.baseAddress! + row * columns * channels + column * run, count: run)
          }
        }
      }
    }
  }
}

/// Calls `body` with so many uninitialized numbers, which are gone afterwards.
func withScratch(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
  let base = UnsafeMutablePointer<Float>.allocate(capacity: count)
  defer { base.deallocate() }
  body(base)
}

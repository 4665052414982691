/// The zero padding of an image before a convolution.
public enum Padding: Sendable, Hashable {
  /// Adds the given number of rows and columns on every side.
  case each(Int)
  /// Pads so that the result has ceil(size / stride) rows and columns; an odd row or column is added at the bottom
  /// or right.
  ///
  /// This is TensorFlow's `SAME`.
  case same

  /// Returns the number of zeros before the first of `size` pixels, and the size of the result.
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

/// An operation on the input of a convolution that is applied on the fly, without storing its result.
public enum InputPreparation: Sendable, Equatable {
  /// No operation.
  case none
  /// A ReLU, at no extra cost.
  case rectified
  /// Nearest-neighbor upsampling: each pixel becomes 2 × 2 pixels.
  case doubled
  /// A map of each channel: a normalization and its activation.
  case mapped(ChannelMap)
}

extension Tensor {
  /// Convolves the tensor: activation(kernel ⋆ x + bias + residual).
  ///
  /// - Parameters:
  ///   - kernel: The kernel, `[kernelRow, kernelColumn, in, out]`.
  ///   - bias: The bias, `[out]`.
  ///   - stride: The stride in rows and columns.
  ///   - padding: The zero padding.
  ///   - preparation: The operation applied to the input first.
  ///   - activation: The function applied last.
  ///   - residual: The tensor to add before the activation, of the result's shape.
  /// - Returns: The result, `[batch, row', column', out]`, for an input `[batch, row, column, in]`.
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
    let pullback = ConvolutionPullback(
      x: untracked, kernel: kernel, preparation: preparation,
      gradient: ConvolutionGradient(
        kernel: kernel.shape, stride: stride, top: vertical.before, left: horizontal.before,
        rows: rows, columns: columns))
    let y = result
    return result.recorded(
      from: [self, kernel.source, bias, residual, preparation.gain, preparation.bias]
    ) { dy, isWanted in
      let dz = dy.activationPullback(activation, result: y) {
        pullback.x.convolved(
          with: kernel.untracked, bias: bias?.untracked, stride: stride, padding: padding,
          preparing: preparation.untracked, adding: residual?.untracked)
      }
      return pullback(dz, isWanted)
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

  /// Returns the number of elements that each worker allocates during a 3 × 3 convolution of a map with `columns`
  /// columns.
  public static func convolutionScratchCount(columns: Int, channels: Int) -> Int {
    max(
      RowConvolution.scratchCount(columns: columns, channels: channels),
      Winograd.scratchCount(channels: channels))
  }

  /// Returns whether a 3 × 3 convolution of a large map applies a normalization on the fly instead of to a copy.
  public static func foldsNormalization(channels: Int) -> Bool {
    Winograd.suits(
      rows: 512, columns: 512, kernel: [3, 3, channels, channels], stride: 1, padding: .same)
  }

  /// Returns the number of elements of a 3 × 3 convolution's transformed filters, which all workers share while it
  /// runs.
  public static func convolutionFilterCount(inputs: Int, outputs: Int) -> Int {
    Winograd.filterCount(inputs: inputs, outputs: outputs)
  }

  /// Applies a transposed convolution whose kernel size equals its stride, so that patches do not overlap.
  ///
  /// - Parameters:
  ///   - kernel: The kernel, `[in, kernelRow · kernelColumn · out]`, for an input `[batch, row, column, in]`.
  ///   - side: The number of rows and of columns of the kernel, which is also the stride.
  ///   - bias: The bias, `[out]`.
  /// - Returns: The result, `[batch, row · stride, column · stride, out]`.
  public func transposedConvolution(by kernel: PackedWeights, side: Int, bias: Tensor) -> Tensor {
    let (batch, rows, columns, _) = shape.image
    let outputs = bias.shape.count
    precondition(
      kernel.shape.channels == side * side * outputs,
      "\(kernel.shape) does not contain patches of \(side) × \(side) × \(outputs)")
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
    return spread.recorded(from: [patches, bias]) { dy, isWanted in
      [
        isWanted[0] ? dy.patches(side: side).reshaped(patches.shape) : nil,
        isWanted[1] ? dy.positionSums() : nil,
      ]
    }
  }

  /// Returns the pixels of consecutive squares of `side` × `side` pixels, row by row: the pullback of `spread`.
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

/// Calls `body` with temporary uninitialized memory for `count` elements.
func withScratch(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
  let base = UnsafeMutablePointer<Float>.allocate(capacity: count)
  defer { base.deallocate() }
  body(base)
}

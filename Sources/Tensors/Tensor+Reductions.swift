extension Tensor {
  /// The minimum and maximum element.
  public var range: (minimum: Float, maximum: Float) {
    precondition(!scalars.isEmpty, "an empty tensor has no minimum and maximum")
    return scalars.withUnsafeBufferPointer { x in
      var (low, high) = (x[0], x[0])
      for v in x {
        low = v < low ? v : low
        high = v > high ? v : high
      }
      return (low, high)
    }
  }

  /// Whether all elements are finite: none is infinite or NaN.
  public var isFinite: Bool {
    scalars.withUnsafeBufferPointer { x in
      // Without the sign bit, infinity and NaN have the greatest bit patterns. The loop has no branches, so it is
      // limited only by memory bandwidth.
      var greatest: UInt32 = 0
      for v in x { greatest = max(greatest, v.bitPattern & 0x7fff_ffff) }
      return greatest < Float.infinity.bitPattern
    }
  }

  /// Returns (x − min) / (max − min + epsilon): values in 0…1, or all zeros if the tensor is constant.
  public func minMaxNormalized(epsilon: Float = 1e-8) -> Tensor {
    let (low, high) = range
    let factor = 1 / (high - low + epsilon)
    let x = untracked
    return Tensor(shape, scalars.map { ($0 - low) * factor }).recorded(from: [self]) {
      gradient, _ in
      [x.minMaxPullback(gradient, low: low, high: high, factor: factor)]
    }
  }

  /// The pullback of `minMaxNormalized`; the gradients of the minimum and maximum are divided equally among ties.
  private func minMaxPullback(_ dy: Tensor, low: Float, high: Float, factor: Float) -> Tensor {
    var (all, along) = (0.0, 0.0)
    var (lows, highs) = (0, 0)
    for (x, g) in zip(scalars, dy.scalars) {
      all += Double(g)
      along += Double(g) * Double((x - low) * factor)
      if x == low { lows += 1 }
      if x == high { highs += 1 }
    }
    let lowGradient = Float((along - all) * Double(factor) / Double(lows))
    let highGradient = Float(-along * Double(factor) / Double(highs))
    return Tensor(
      shape,
      zip(scalars, dy.scalars).map { x, g in
        g * factor + (x == low ? lowGradient : 0) + (x == high ? highGradient : 0)
      })
  }

  /// Returns the maximum of 3 × 3 neighborhoods with a stride of 2.
  ///
  /// The result of `[batch, row, column, channel]` is `[batch, ceil(row / 2), ceil(column / 2), channel]` for
  /// `.same` padding; other paddings change its size.
  public func maxPooled(padding: Padding = .same) -> Tensor {
    let (batch, rows, columns, channels) = shape.image
    let (kernel, stride) = (3, 2)
    let vertical = padding.applied(to: rows, kernel: kernel, stride: stride)
    let horizontal = padding.applied(to: columns, kernel: kernel, stride: stride)
    let result = Tensor([batch, vertical.result, horizontal.result, channels]) { buffer in
      let output = SharedOutput(buffer)
      parallel(batch * vertical.result) { index in
        let (image, row) = index.quotientAndRemainder(dividingBy: vertical.result)
        let top = row * stride - vertical.before
        scalars.withUnsafeBufferPointer { x in
          for column in 0..<horizontal.result {
            let left = column * stride - horizontal.before
            let y = output.base + (index * horizontal.result + column) * channels
            y.update(repeating: -.infinity, count: channels)
            for r in max(top, 0)..<min(top + kernel, rows) {
              for c in max(left, 0)..<min(left + kernel, columns) {
                let pixel = x.baseAddress! + ((image * rows + r) * columns + c) * channels
                for i in 0..<channels { y[i] = pixel[i] > y[i] ? pixel[i] : y[i] }
              }
            }
          }
        }
      }
    }
    let x = untracked
    return result.recorded(from: [self]) { dy, _ in [x.maxPooledPullback(dy, padding: padding)] }
  }
}

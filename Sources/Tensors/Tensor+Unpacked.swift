/// Layers with unpacked weights, which are packed for a single use.
extension Tensor {
  /// Convolves with a kernel `[kernelRow, kernelColumn, in, out]` that is packed for this call.
  ///
  /// See `convolved(with:bias:stride:padding:preparing:activation:adding:)` with packed weights.
  public func convolved(
    with kernel: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Padding,
    preparing preparation: InputPreparation = .none, activation: Activation = .none,
    adding residual: Tensor? = nil
  ) -> Tensor {
    convolved(
      with: PackedWeights(kernel), bias: bias, stride: stride, padding: padding,
      preparing: preparation, activation: activation, adding: residual)
  }

  /// Multiplies by a matrix `[in, out]` that is packed for this call.
  ///
  /// See `product(_:bias:activation:adding:)` with packed weights.
  public func product(
    _ weights: Tensor, bias: Tensor? = nil, activation: Activation = .none,
    adding residual: Tensor? = nil
  ) -> Tensor {
    product(PackedWeights(weights), bias: bias, activation: activation, adding: residual)
  }

  /// Applies a transposed convolution with a square kernel `[in, kernelRow, kernelColumn, out]` that is packed for
  /// this call.
  ///
  /// See `transposedConvolution(by:side:bias:)` with packed weights.
  public func transposedConvolution(by kernel: Tensor, bias: Tensor) -> Tensor {
    let (inputs, side, otherSide, outputs) = kernel.shape.image
    precondition(side == otherSide, "\(kernel.shape) is not a square kernel")
    return transposedConvolution(
      by: PackedWeights(kernel.reshaped([inputs, side * side * outputs])), side: side, bias: bias)
  }
}

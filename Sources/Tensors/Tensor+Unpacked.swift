/// The layers with weights that serve once and are packed for it.
extension Tensor {
  /// `convolved(with:bias:stride:padding:preparing:activation:adding:)` by a kernel `[kernelRow, kernelColumn, in, out]`.
  public func convolved(
    with kernel: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Padding,
    preparing preparation: InputPreparation = .none, activation: Activation = .none,
    adding residual: Tensor? = nil
  ) -> Tensor {
    convolved(
      with: PackedWeights(kernel), bias: bias, stride: stride, padding: padding,
      preparing: preparation, activation: activation, adding: residual)
  }

  /// `product(_:bias:activation:adding:)` by a matrix `[in, out]`.
  public func product(
    _ weights: Tensor, bias: Tensor? = nil, activation: Activation = .none,
    adding residual: Tensor? = nil
  ) -> Tensor {
    product(PackedWeights(weights), bias: bias, activation: activation, adding: residual)
  }

  /// `spread(by:side:bias:)` by a kernel `[in, kernelRow, kernelColumn, out]` of as many rows as columns.
  public func spread(by kernel: Tensor, bias: Tensor) -> Tensor {
    let (inputs, side, otherSide, outputs) = kernel.shape.image
    precondition(side == otherSide, "\(kernel.shape) is no square kernel")
    return spread(
      by: PackedWeights(kernel.reshaped([inputs, side * side * outputs])), side: side, bias: bias)
  }
}

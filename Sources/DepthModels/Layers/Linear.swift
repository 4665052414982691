import Tensors

/// An affine transformation of the innermost axis: y = activation(x·W + b + residual).
final class Linear: Sendable {
  /// The weights: `[in, out]`.
  let matrix: PackedWeights
  let bias: Tensor

  /// Loads `weight` `[out, in]` and `bias` `[out]`, in PyTorch's layout.
  init(_ weights: Weights, inputs: Int, outputs: Int) throws {
    matrix = PackedWeights(try weights.tensor("weight", [outputs, inputs]).transposed())
    bias = try weights.tensor("bias", [outputs])
  }

  init(matrix: Tensor, bias: Tensor) {
    self.matrix = PackedWeights(matrix)
    self.bias = bias
  }

  func callAsFunction(
    _ x: Tensor, activation: Activation = .none, adding residual: Tensor? = nil
  ) -> Tensor {
    x.product(matrix, bias: bias, activation: activation, adding: residual)
  }

  var parameterCount: Int { matrix.shape.count + bias.shape.count }
}

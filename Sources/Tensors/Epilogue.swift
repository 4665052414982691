import CKernels

/// The activation function of a layer.
public enum Activation: Sendable {
  /// The identity.
  case none
  /// max(x, 0).
  case relu
  /// x · Φ(x), computed with the error function instead of its tanh approximation (Hendrycks & Gimpel,
  /// arXiv:1606.08415).
  case gelu
  /// x / (1 + exp(−x)) (Elfwing et al., arXiv:1702.03118).
  case silu

  var kernelCode: CKActivation {
    switch self {
    case .none: CK_NONE
    case .relu: CK_RELU
    case .gelu: CK_GELU
    case .silu: CK_SILU
    }
  }
}

/// The operations after a product, applied while its rows are still in cache: y = activation(y + bias + residual).
struct Epilogue: Sendable {
  let bias: [Float]?
  let residual: [Float]?
  let activation: Activation

  init(bias: Tensor?, residual: Tensor?, activation: Activation, result: Shape) {
    precondition(
      bias.map { $0.shape == [result.channels] } ?? true,
      "a bias must have the shape [\(result.channels)]")
    precondition(
      residual.map { $0.shape == result } ?? true, "the residual must have the shape \(result)")
    self.bias = bias?.scalars
    self.residual = residual?.scalars
    self.activation = activation
  }

  /// Applies the operations to rows of the result in place; the first row starts at element `offset` of the whole.
  func finish(
    _ output: UnsafeMutablePointer<Float>, offset: Int, rows: Int, of channels: Int
  ) {
    withPointers { bias, residual in
      ck_channel_map(
        output, channels, output, channels, rows, channels, nil, bias,
        residual.map { $0 + offset }, activation.kernelCode)
    }
  }

  /// Writes a panel of products, `[row, 32]`, to a result with the given number of channels, starting at row
  /// `first`.
  func finish(
    _ products: UnsafePointer<Float>, panel: Int, of channels: Int, rows: Int, first: Int,
    into output: SharedOutput
  ) {
    let column = panel * Panels.columns
    let offset = first * channels + column
    withPointers { bias, residual in
      ck_channel_map(
        output.base + offset, channels, products, Panels.columns, rows,
        min(Panels.columns, channels - column), nil, bias.map { $0 + column },
        residual.map { $0 + offset }, activation.kernelCode)
    }
  }

  /// Calls `body` with pointers to the bias and residual; nil where there is none.
  func withPointers(_ body: (UnsafePointer<Float>?, UnsafePointer<Float>?) -> Void) {
    (bias ?? []).withUnsafeBufferPointer { first in
      (residual ?? []).withUnsafeBufferPointer { second in
        body(bias == nil ? nil : first.baseAddress, residual == nil ? nil : second.baseAddress)
      }
    }
  }

  /// Applies only the activation.
  func activate(_ output: UnsafeMutablePointer<Float>, count: Int) {
    ck_channel_map(output, count, output, count, 1, count, nil, nil, nil, activation.kernelCode)
  }
}

/// Returns max(x, 0), but passes NaN through so that failures of a network remain visible.
@inline(__always) func rectified(_ x: Float) -> Float { x < 0 ? 0 : x }

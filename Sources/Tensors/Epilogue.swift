import CKernels

/// The function at the end of a layer.
public enum Activation: Sendable {
  case none
  /// max(x, 0).
  case relu
  /// x · Φ(x), by the error function and not its tanh approximation (Hendrycks & Gimpel, arXiv:1606.08415).
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

/// What follows a product while its rows are still in cache: y = activation(y + bias + residual).
struct Epilogue: Sendable {
  let bias: [Float]?
  let residual: [Float]?
  let activation: Activation

  init(bias: Tensor?, residual: Tensor?, activation: Activation, result: Shape) {
    precondition(
      bias.map { $0.shape == [result.channels] } ?? true, "a bias has one number a channel")
    precondition(
      residual.map { $0.shape == result } ?? true, "what is added has the result's shape")
    self.bias = bias?.scalars
    self.residual = residual?.scalars
    self.activation = activation
  }

  /// Finishes rows of the result in place; the first begins at element `offset` of the whole.
  func finish(
    _ output: UnsafeMutablePointer<Float>, offset: Int, rows: Int, of channels: Int
  ) {
    withPointers { bias, residual in
      ck_channel_map(
        output, channels, output, channels, rows, channels, nil, bias,
        residual.map { $0 + offset }, activation.kernelCode)
    }
  }

  /// Brings a panel of products `[row, 32]` to its place in a result of so many channels, of whose rows `first` is the
  /// first.
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

  /// Bias and residual, nil for none, for as long as `body` runs.
  func withPointers(_ body: (UnsafePointer<Float>?, UnsafePointer<Float>?) -> Void) {
    (bias ?? []).withUnsafeBufferPointer { first in
      (residual ?? []).withUnsafeBufferPointer { second in
        body(bias == nil ? nil : first.baseAddress, residual == nil ? nil : second.baseAddress)
      }
    }
  }

  /// The function at the end alone.
  func activate(_ output: UnsafeMutablePointer<Float>, count: Int) {
    ck_channel_map(output, count, output, count, 1, count, nil, nil, nil, activation.kernelCode)
  }
}

/// Like max(x, 0), which must let NaN through: a network that breaks has to show it.
@inline(__always) func rectified(_ x: Float) -> Float { x < 0 ? 0 : x }

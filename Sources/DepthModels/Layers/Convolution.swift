package import Tensors

/// A convolution of feature maps of shape `[batch, row, column, channel]`.
///
/// Layers are classes: as structures, with the code that copies them, the module was an eighth larger.
package final class Convolution: Sendable {
  /// `[kernelRow, kernelColumn, in, out]`.
  let kernel: PackedWeights
  let bias: Tensor?
  let stride: Int
  let padding: Padding

  /// Loads `weight` `[out, in, row, column]` and `bias` `[out]`, in PyTorch's layout.
  ///
  /// The default padding is half the kernel on each side. If a standardization epsilon is given, each filter is
  /// standardized to mean 0 and variance 1 once, when it is loaded (Qiao et al., arXiv:1903.10520).
  package init(
    _ weights: Weights, inputs: Int, outputs: Int, size: Int, stride: Int = 1,
    padding: Padding? = nil, hasBias: Bool = true, standardizationEpsilon: Double? = nil
  ) throws {
    var filters = try weights.tensor("weight", [outputs, inputs, size, size])
    if let standardizationEpsilon {
      filters = filters.standardizedFilters(epsilon: standardizationEpsilon)
    }
    kernel = PackedWeights(filters.convolutionKernel())
    bias = hasBias ? try weights.tensor("bias", [outputs]) : nil
    self.stride = stride
    self.padding = padding ?? .each((size - 1) / 2)
  }

  private init(_ kernel: PackedWeights, _ bias: Tensor?, stride: Int, padding: Padding) {
    (self.kernel, self.bias) = (kernel, bias)
    (self.stride, self.padding) = (stride, padding)
  }

  /// Returns the convolution with another kernel and bias.
  func replacing(_ kernel: PackedWeights, _ bias: Tensor?) -> Convolution {
    Convolution(kernel, bias, stride: stride, padding: padding)
  }

  package func callAsFunction(
    _ x: Tensor, preparing preparation: InputPreparation = .none, activation: Activation = .none,
    adding residual: Tensor? = nil
  ) -> Tensor {
    x.convolved(
      with: kernel, bias: bias, stride: stride, padding: padding, preparing: preparation,
      activation: activation, adding: residual)
  }

  /// Returns the convolution with a value added to each output channel: `[1, out]`.
  func shifted(by shift: Tensor) -> Convolution {
    let shift = shift.reshaped([kernel.shape.channels])
    return replacing(kernel, bias.map { $0 + shift } ?? shift)
  }

  var parameterCount: Int { kernel.shape.count + (bias?.shape.count ?? 0) }
}

/// A transposed convolution whose kernel size equals its stride, so that each pixel becomes a patch.
final class PatchUpsampling: Sendable {
  /// `[in, kernelRow · kernelColumn · out]`.
  let kernel: PackedWeights
  let factor: Int
  let bias: Tensor

  /// Loads `weight` `[in, out, row, column]` and `bias` `[out]`, in PyTorch's layout.
  init(_ weights: Weights, channels: Int, factor: Int) throws {
    let stored = try weights.tensor("weight", [channels, channels, factor, factor])
    // For each input channel, [out, row · column] is transposed to [row · column, out].
    let patch = factor * factor
    var order: [Int] = []
    order.reserveCapacity(stored.shape.count)
    for input in 0..<channels {
      for place in 0..<patch {
        for output in 0..<channels { order.append((input * channels + output) * patch + place) }
      }
    }
    kernel = PackedWeights(stored.gathered(order, [channels, patch * channels]))
    self.factor = factor
    bias = try weights.tensor("bias", [channels])
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    x.transposedConvolution(by: kernel, side: factor, bias: bias)
  }
}

extension Tensor {
  /// Returns filters `[out, in, row, column]`, each standardized to mean 0 and (biased) variance 1.
  func standardizedFilters(epsilon: Double) -> Tensor {
    let length = shape.count / shape[0]
    var (result, scales) = (scalars, [Double]())
    for first in stride(from: 0, to: result.count, by: length) {
      let taps = first..<first + length
      let mean = taps.reduce(0.0) { $0 + Double(result[$1]) } / Double(length)
      let variance =
        taps.reduce(0.0) { $0 + (Double(result[$1]) - mean) * (Double(result[$1]) - mean) }
        / Double(length)
      let factor = 1 / (variance + epsilon).squareRoot()
      for tap in taps { result[tap] = Float((Double(result[tap]) - mean) * factor) }
      scales.append(factor)
    }
    let standardized = Tensor(shape, result)
    return standardized.recorded(from: [self]) { gradient, _ in
      [standardized.standardizationPullback(gradient, scales: scales)]
    }
  }

  /// The backward pass of standardization, for this tensor of standardized filters w.
  ///
  /// Returns (g − mean(g) − w·mean(g·w)) · scale for the gradient g of each filter.
  private func standardizationPullback(_ gradient: Tensor, scales: [Double]) -> Tensor {
    let length = shape.count / scales.count
    var result = gradient.scalars
    for (filter, scale) in scales.enumerated() {
      let taps = filter * length..<(filter + 1) * length
      let mean = taps.reduce(0.0) { $0 + Double(result[$1]) } / Double(length)
      let along =
        taps.reduce(0.0) { $0 + Double(result[$1]) * Double(scalars[$1]) } / Double(length)
      for tap in taps {
        result[tap] = Float((Double(result[tap]) - mean - Double(scalars[tap]) * along) * scale)
      }
    }
    return Tensor(shape, result)
  }

  /// Returns a kernel `[out, in, row, column]` in the layout `[row, column, in, out]`.
  func convolutionKernel() -> Tensor {
    let (outputs, inputs, rows, columns) = (shape[0], shape[1], shape[2], shape[3])
    let patch = rows * columns
    let transposedFilters = reshaped([outputs, inputs * patch]).transposed()
    let result: Shape = [rows, columns, inputs, outputs]
    guard patch > 1 else { return transposedFilters.reshaped(result) }
    var order: [Int] = []
    order.reserveCapacity(inputs * patch)
    for place in 0..<patch {
      for input in 0..<inputs { order.append(input * patch + place) }
    }
    return transposedFilters.rows(order).reshaped(result)
  }
}

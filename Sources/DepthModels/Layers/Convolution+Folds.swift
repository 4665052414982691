import Tensors

/// Convolutions that do less where their inputs or outputs are known to be alike.
extension Convolution {
  /// Its part that sees some of the inputs.
  func seeing(inputs: Range<Int>, hasBias: Bool) -> Convolution {
    let kernel = self.kernel.tensor
    let (rows, columns, all, outputs) = kernel.shape.image
    var result = self
    let taps = Swift.stride(from: 0, to: rows * columns * all, by: all)
    result.kernel = PackedWeights(
      kernel.reshaped([rows * columns * all, outputs])
        .rows(taps.flatMap { tap in inputs.map { tap + $0 } })
        .reshaped([rows, columns, inputs.count, outputs]))
    if !hasBias { result.bias = nil }
    return result
  }

  /// The same for one input that stands for all: the sum of its filters over inputs.
  func summingInputs() -> Convolution {
    let kernel = self.kernel.unpacked
    let (rows, columns, inputs, outputs) = kernel.shape.image
    var result = self
    result.kernel = PackedWeights(
      Tensor(
        [rows, columns, 1, outputs],
        (0..<rows * columns * outputs).map { index in
          let (tap, output) = index.quotientAndRemainder(dividingBy: outputs)
          return (0..<inputs).reduce(0) {
            $0 + kernel.scalars[(tap * inputs + $1) * outputs + output]
          }
        }))
    return result
  }

  /// The mean of its outputs: one, by the mean of its filters over outputs.
  func averagingOutputs() -> Convolution {
    let kernel = self.kernel.unpacked
    let (rows, columns, inputs, outputs) = kernel.shape.image
    func averaged(_ x: Tensor, _ shape: Shape) -> Tensor {
      Tensor(
        shape,
        Swift.stride(from: 0, to: x.shape.count, by: outputs).map {
          x.scalars[$0..<$0 + outputs].reduce(0, +) / Float(outputs)
        })
    }
    var result = self
    result.kernel = PackedWeights(averaged(kernel, [rows, columns, inputs, 1]))
    result.bias = bias.map { averaged($0, [1]) }
    return result
  }
}

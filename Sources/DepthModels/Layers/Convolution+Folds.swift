import Tensors

/// Convolutions with folded weights, for a subset of the inputs, equal inputs, or averaged outputs.
extension Convolution {
  /// Returns the part of the convolution that reads a range of input channels.
  package func selecting(inputs: Range<Int>, hasBias: Bool) -> Convolution {
    let kernel = self.kernel.tensor
    let (rows, columns, all, outputs) = kernel.shape.image
    let taps = Swift.stride(from: 0, to: rows * columns * all, by: all)
    let selected = kernel.reshaped([rows * columns * all, outputs])
      .rows(taps.flatMap { tap in inputs.map { tap + $0 } })
      .reshaped([rows, columns, inputs.count, outputs])
    return replacing(PackedWeights(selected), hasBias ? bias : nil)
  }

  /// Returns the equivalent convolution for one input channel that stands for all: filters are summed over inputs.
  package func summingInputs() -> Convolution {
    let kernel = self.kernel.unpacked
    let (rows, columns, inputs, outputs) = kernel.shape.image
    let sums = (0..<rows * columns * outputs).map { index in
      let (tap, output) = index.quotientAndRemainder(dividingBy: outputs)
      return (0..<inputs).reduce(0) {
        $0 + kernel.scalars[(tap * inputs + $1) * outputs + output]
      }
    }
    return replacing(PackedWeights(Tensor([rows, columns, 1, outputs], sums)), bias)
  }

  /// Returns the convolution with one output channel, the mean of all: filters are averaged over outputs.
  package func averagingOutputs() -> Convolution {
    let kernel = self.kernel.unpacked
    let (rows, columns, inputs, outputs) = kernel.shape.image
    func averaged(_ x: Tensor, _ shape: Shape) -> Tensor {
      Tensor(
        shape,
        Swift.stride(from: 0, to: x.shape.count, by: outputs).map {
          x.scalars[$0..<$0 + outputs].reduce(0, +) / Float(outputs)
        })
    }
    return replacing(
      PackedWeights(averaged(kernel, [rows, columns, inputs, 1])), bias.map { averaged($0, [1]) })
  }
}

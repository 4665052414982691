import CKernels

/// The weights of a product or convolution, reordered for contiguous access: the output channels are stored in
/// panels of 32.
///
/// In `[…, in, out]` order, 32 outputs of one input are far from those of the next input, and a strided read costs
/// several times as much as a sequential one.
public struct PackedWeights: Sendable, Equatable {
  /// The shape of the unpacked weights: `[in, out]` or `[kernelRow, kernelColumn, in, out]`.
  public let shape: Shape
  /// The packed elements, `[panel, kernelRow, depth, 32]`; the depth is kernelColumn · in, rounded up to whole SIMD
  /// lanes, and padding is zero.
  private let scalars: [Float]
  /// The unpacked weights, if their gradient is recorded.
  private(set) var source: Tensor?

  /// Packs weights of shape `[in, out]` or `[kernelRow, kernelColumn, in, out]`.
  public init(_ weights: Tensor) {
    source = weights.node == nil ? nil : weights
    shape = weights.shape
    let layout = Layout(shape)
    scalars = [Float](unsafeUninitializedCapacity: layout.panels * layout.panelCount) {
      buffer, initialized in
      let output = SharedOutput(buffer)
      parallel(layout.panels) { panel in
        weights.scalars.withUnsafeBufferPointer { weights in
          for row in 0..<layout.rows {
            ck_pack_columns(
              output.base + (panel * layout.rows + row) * layout.depth * Panels.columns,
              weights.baseAddress! + row * layout.inputs * layout.outputs, layout.inputs,
              layout.outputs, panel * Panels.columns)
          }
        }
      }
      initialized = layout.panels * layout.panelCount
    }
  }

  /// The same weights without gradient recording.
  var untracked: PackedWeights {
    var result = self
    result.source = nil
    return result
  }

  /// The unpacked weights, with gradient recording if it is enabled for them.
  package var tensor: Tensor { source ?? unpacked }

  /// The unpacked weights.
  public var unpacked: Tensor {
    let layout = Layout(shape)
    return Tensor(shape) { buffer in
      for row in 0..<layout.rows {
        for input in 0..<layout.inputs {
          for output in 0..<layout.outputs {
            let (panel, column) = output.quotientAndRemainder(dividingBy: Panels.columns)
            let line = (panel * layout.rows + row) * layout.depth + input
            buffer[(row * layout.inputs + input) * layout.outputs + output] =
              scalars[line * Panels.columns + column]
          }
        }
      }
    }
  }

  var layout: Layout { Layout(shape) }

  /// Calls `body` with a pointer to the panels, which are `layout.panelCount` elements apart.
  func withPanels(_ body: (UnsafePointer<Float>) -> Void) {
    scalars.withUnsafeBufferPointer { body($0.baseAddress!) }
  }

  struct Layout: Sendable {
    /// The number of kernel rows; 1 for a product.
    let rows: Int
    /// The number of inputs under one kernel row, kernelColumn · in.
    let inputs: Int
    /// `inputs` rounded up to whole SIMD lanes.
    let depth: Int
    let outputs: Int

    init(_ shape: Shape) {
      precondition(
        shape.rank == 2 || shape.rank == 4,
        "\(shape) is not [in, out] or [kernelRow, kernelColumn, in, out]")
      rows = shape.rank == 4 ? shape[0] : 1
      inputs = shape.rank == 4 ? shape[1] * shape[2] : shape[0]
      depth = Panels.depth(inputs)
      outputs = shape.channels
    }

    var panels: Int { Panels.count(outputs, of: Panels.columns) }
    var panelCount: Int { rows * depth * Panels.columns }
  }
}

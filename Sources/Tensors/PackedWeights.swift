import CKernels

/// The weights of a product or convolution in the order in which they are read, for 32 outputs after the other.
///
/// As `[…, in, out]`, 32 outputs of an input lie far from those of the next, and a read that jumps costs several times
/// one that goes on.
public struct PackedWeights: Sendable, Equatable {
  /// `[in, out]`, or `[kernelRow, kernelColumn, in, out]`.
  public let shape: Shape
  /// `[panel, kernelRow, depth, 32]`, where the depth is kernelColumn · in in whole lanes; zeros fill it and the last
  /// panel up.
  private let scalars: [Float]
  /// What was packed, kept where its gradient is wanted.
  private(set) var source: Tensor?

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

  /// The same without a way back.
  var untracked: PackedWeights {
    var result = self
    result.source = nil
    return result
  }

  /// The weights in their own order, with their way back if they have one.
  package var tensor: Tensor { source ?? unpacked }

  /// The weights in their own order.
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

  /// Calls `body` with where the panels begin, `layout.panelCount` numbers apart.
  func withPanels(_ body: (UnsafePointer<Float>) -> Void) {
    scalars.withUnsafeBufferPointer { body($0.baseAddress!) }
  }

  struct Layout: Sendable {
    /// Rows of the kernel, 1 for a product.
    let rows: Int
    /// What is under one row of the kernel: kernelColumn · in, and in whole lanes.
    let inputs: Int
    let depth: Int
    let outputs: Int

    init(_ shape: Shape) {
      precondition(shape.rank == 2 || shape.rank == 4, "\(shape) are no weights of a layer")
      rows = shape.rank == 4 ? shape[0] : 1
      inputs = shape.rank == 4 ? shape[1] * shape[2] : shape[0]
      depth = Panels.depth(inputs)
      outputs = shape.channels
    }

    var panels: Int { Panels.count(outputs, of: Panels.columns) }
    var panelCount: Int { rows * depth * Panels.columns }
  }
}

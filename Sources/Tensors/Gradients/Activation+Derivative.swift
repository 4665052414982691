import CKernels

extension Activation {
  /// Multiplies a gradient in place by the derivative of the activation at its argument `z`.
  ///
  /// The derivatives are exact: Φ(z) + z·φ(z) for GELU, s + z·s·(1 − s) with the logistic function s for SiLU, and
  /// 0 for ReLU at 0.
  func pullBack(_ gradient: inout Tensor, at z: Tensor) {
    precondition(gradient.shape == z.shape)
    guard self != .none else { return }
    let blocks = evenParts(z.shape.count, length: 1 << 16)
    let code = kernelCode
    gradient.scalars.withUnsafeMutableBufferPointer { buffer in
      let output = SharedOutput(buffer)
      parallel(blocks.count) { index in
        z.scalars.withUnsafeBufferPointer { z in
          let block = blocks[index]
          ck_activation_pullback(
            output.base + block.lowerBound, z.baseAddress! + block.lowerBound, block.count, code)
        }
      }
    }
  }
}

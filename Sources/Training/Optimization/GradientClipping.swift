/// Clips the norm of the gradient of all parameters together; its direction is preserved.
///
/// Like `torch.nn.utils.clip_grad_norm_`: if maximum / (norm + 10⁻⁶) is below 1, all gradients are multiplied by it.
///
/// Source: R. Pascanu et al., arXiv:1211.5063, algorithm 1.
public struct GradientClipping: Sendable, Hashable, Codable {
  /// The largest norm.
  public var maximumNorm: Double

  /// Creates a clipping rule.
  public init(maximumNorm: Double = 1) {
    precondition(maximumNorm > 0, "a maximum of \(maximumNorm)")
    self.maximumNorm = maximumNorm
  }

  /// Clips gradients in place.
  ///
  /// - Parameter gradients: The gradients of all parameters. If their norm is not finite, they are unchanged, and no
  ///   step should be taken.
  /// - Returns: The norm before clipping.
  @discardableResult
  public func callAsFunction(_ gradients: inout [[Float]]) -> Double {
    let norm = Self.norm(of: gradients)
    let coefficient = coefficient(for: norm)
    guard coefficient < 1 else { return norm }
    for array in gradients.indices {
      gradients[array].withUnsafeMutableBufferPointer { slopes in
        for i in slopes.indices { slopes[i] *= coefficient }
      }
    }
    return norm
  }

  /// Returns the factor for gradients with a norm: at most 1, and 1 for a norm that is not finite.
  public func coefficient(for norm: Double) -> Float {
    norm.isFinite ? Float(min(1, maximumNorm / (norm + 1e-6))) : 1
  }

  /// Returns the Euclidean norm over all arrays, summed in Double.
  public static func norm(of gradients: [[Float]]) -> Double {
    // Eight independent sums, because a single one would wait for each addition.
    var sums = SIMD8<Double>()
    for gradient in gradients {
      gradient.withUnsafeBufferPointer { slopes in
        let whole = slopes.count / 8 * 8
        for start in stride(from: 0, to: whole, by: 8) {
          for lane in 0..<8 {
            let slope = Double(slopes[start + lane])
            sums[lane] += slope * slope
          }
        }
        for i in whole..<slopes.count { sums[i - whole] += Double(slopes[i]) * Double(slopes[i]) }
      }
    }
    return sums.sum().squareRoot()
  }
}

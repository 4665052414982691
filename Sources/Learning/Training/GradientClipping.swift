/// A bound on the length of the gradient of all parameters together; its direction stays.
///
/// As `torch.nn.utils.clip_grad_norm_`: all are multiplied by maximum / (norm + 10⁻⁶) where that is below 1.
///
/// Source: R. Pascanu et al., arXiv:1211.5063, algorithm 1.
public struct GradientClipping: Sendable, Hashable, Codable {
  public var maximumNorm: Double

  public init(maximumNorm: Double = 1) {
    precondition(maximumNorm > 0, "a maximum of \(maximumNorm)")
    self.maximumNorm = maximumNorm
  }

  /// Clips in place.
  ///
  /// - Parameter gradients: Of all parameters. If their norm is not finite they stay as they are, and no step should be taken.
  /// - Returns: The norm before.
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

  /// What gradients of such a norm are multiplied by, 1 at most; 1 for a norm that is not finite.
  public func coefficient(for norm: Double) -> Float {
    norm.isFinite ? Float(min(1, maximumNorm / (norm + 1e-6))) : 1
  }

  /// √ Σ slope² over all arrays, summed in Double.
  public static func norm(of gradients: [[Float]]) -> Double {
    // Eight sums side by side, as one waits for itself.
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

extension ValidPixels {
  /// The loss of one strategy and its gradient.
  struct Comparison: Sendable {
    var value: Double
    /// The gradient for each valid pixel.
    var gradient: [Float]
  }

  /// Returns weight · Σ over contexts and their pixels of |N(prediction) − N(truth)|, and its gradient.
  ///
  /// With sign = sign(N(prediction) − N(truth)), σ = sign(p − m), S = s + 10⁻⁶ and ∂/∂S = −Σ sign · (p − m) / S², the
  /// gradient of a pixel is sign / S + ∂/∂S · σ / (n + 1). The median also gets −Σ sign / S − ∂/∂S · Σ σ / (n + 1),
  /// shared evenly by all pixels that equal it, as PyTorch's `median` does. Ties are common, because a network that has
  /// learned little gives many equal heights.
  ///
  /// - Parameters:
  ///   - hierarchy: The contexts.
  ///   - weight: The weight of each pixel in each context.
  /// - Returns: Bit-identical results on each call.
  func comparison(in hierarchy: ContextHierarchy, weight: Double) -> Comparison {
    let order = hierarchy.order
    let p = order.map { prediction[Int($0)] }
    let g = order.map { truth[Int($0)] }
    let predictedMedians = hierarchy.medians(along: byPrediction)
    let trueMedians = hierarchy.medians(along: byTruth)
    var value = 0.0
    var slopes = [Double](repeating: 0, count: p.count)
    for (context, range) in hierarchy.contexts.enumerated() where !range.isEmpty {
      let predicted = Normalization(
        p[range], median: prediction[predictedMedians[context]])
      let expected = Normalization(g[range], median: truth[trueMedians[context]])
      let sums = Self.compare(
        p, predicted, g, expected, in: range, weight: weight, slopes: &slopes)
      value += weight * sums.distance
    }
    var gradient = [Double](repeating: 0, count: p.count)
    for (place, slope) in zip(order, slopes) { gradient[Int(place)] = slope }
    return Comparison(value: value, gradient: gradient.map { Float($0) })
  }

  /// Sums over the pixels of a context.
  private struct Sums {
    /// Σ |N(prediction) − N(truth)|.
    var distance = 0.0
    var signs = 0.0
    /// Σ sign · (p − m).
    var moment = 0.0
    /// Σ σ.
    var sides = 0.0
    /// The number of pixels that equal the median (σ = 0).
    var ties = 0.0
  }

  /// Returns the sums of a range, and adds the gradients of its pixels: directly, through the scale and through the
  /// median.
  private static func compare(
    _ p: [Float], _ predicted: Normalization, _ g: [Float], _ expected: Normalization,
    in range: Range<Int>, weight: Double, slopes: inout [Double]
  ) -> Sums {
    precondition(p.count == g.count && p.count == slopes.count && p.indices.contains(range))
    let (median, inverse) = (predicted.median, predicted.inverse)
    let slope = weight * inverse
    var sums = Sums()
    p.withUnsafeBufferPointer { p in
      g.withUnsafeBufferPointer { g in
        slopes.withUnsafeMutableBufferPointer { slopes in
          for i in range {
            let distance = Double(p[i]) - median
            let difference =
              distance * inverse - (Double(g[i]) - expected.median) * expected.inverse
            let sign = sign(difference)
            sums.distance += abs(difference)
            sums.signs += sign
            sums.moment += sign * distance
            let side = Self.sign(distance)
            sums.sides += side
            sums.ties += 1 - abs(side)
            slopes[i] += slope * sign
          }
          let throughScale = -slope * sums.moment * inverse / Double(range.count + 1)
          let throughMedian = (-slope * sums.signs - throughScale * sums.sides) / sums.ties
          for i in range {
            let side = sign(Double(p[i]) - median)
            slopes[i] += throughScale * side + throughMedian * (1 - abs(side))
          }
        }
      }
    }
    return sums
  }

  /// The sign of a number, 0 for 0, without a branch.
  @inline(__always)
  private static func sign(_ x: Double) -> Double { (x > 0 ? 1 : 0) - (x < 0 ? 1 : 0) }
}

/// Normalizes a context's heights to remove offset and scale.
private struct Normalization {
  let median: Double
  /// 1 / (s + 10⁻⁶).
  let inverse: Double

  init(_ values: ArraySlice<Float>, median: Float) {
    self.median = Double(median)
    var sum = 0.0
    for value in values { sum += abs(Double(value) - self.median) }
    inverse = 1 / (sum / Double(values.count + 1) + 1e-6)
  }
}

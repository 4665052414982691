extension CountedPixels {
  /// What one strategy adds to the loss.
  struct Comparison: Sendable {
    var value: Double
    /// For each pixel that counts.
    var gradient: [Float]
  }

  /// weight · Σ over contexts and their pixels of |N(prediction) − N(truth)|, and its gradient.
  ///
  /// With sign = sign(N(prediction) − N(truth)), σ = sign(p − m), S = s + 10⁻⁶ and ∂/∂S = −Σ sign · (p − m) / S², the slope of a
  /// pixel is sign / S + ∂/∂S · σ / (n + 1); the median takes −Σ sign / S − ∂/∂S · Σ σ / (n + 1) on top.
  ///
  /// - Parameters:
  ///   - hierarchy: The contexts.
  ///   - weight: Of each pixel in each context.
  /// - Returns: The same bits on each call.
  func comparison(in hierarchy: ContextHierarchy, weight: Double) -> Comparison {
    let order = hierarchy.order
    let p = order.map { prediction[Int($0)] }
    let g = order.map { truth[Int($0)] }
    let predictedMedians = hierarchy.medians(along: byPrediction)
    let trueMedians = hierarchy.medians(along: byTruth)
    var value = 0.0
    var slopes = [Double](repeating: 0, count: p.count)
    var atMedians: [(place: Int, slope: Double)] = []
    for (context, range) in hierarchy.contexts.enumerated() where !range.isEmpty {
      let median = predictedMedians[context]
      let predicted = Normalization(p[range], median: prediction[median])
      let expected = Normalization(g[range], median: truth[trueMedians[context]])
      var (sum, signs, moment, sides) = (0.0, 0.0, 0.0, 0.0)
      for i in range {
        let distance = Double(p[i]) - predicted.median
        let difference =
          distance * predicted.inverse - (Double(g[i]) - expected.median) * expected.inverse
        let sign = Self.sign(difference)
        sum += abs(difference)
        signs += sign
        moment += sign * distance
        sides += Self.sign(distance)
        slopes[i] += weight * predicted.inverse * sign
      }
      value += weight * sum
      // Of the scale, through which each pixel acts on all.
      let spread =
        -weight * moment * predicted.inverse * predicted.inverse / Double(range.count + 1)
      for i in range { slopes[i] += spread * Self.sign(Double(p[i]) - predicted.median) }
      atMedians.append((median, -weight * predicted.inverse * signs - spread * sides))
    }
    var gradient = [Double](repeating: 0, count: p.count)
    for (place, slope) in zip(order, slopes) { gradient[Int(place)] = slope }
    for (place, slope) in atMedians { gradient[place] += slope }
    return Comparison(value: value, gradient: gradient.map { Float($0) })
  }

  /// 0 at 0, without a branch.
  @inline(__always)
  private static func sign(_ x: Double) -> Double { (x > 0 ? 1 : 0) - (x < 0 ? 1 : 0) }
}

/// What takes a context's heights to numbers without scale and level.
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

/// Unknowns, one a tile, of which mostly differences are observed; solved robustly.
///
/// Minimises Σ w·ρ((x[first] − x[second] − value)/σ) with Huber's ρ (k = 1.345; P. J. Huber, Annals of Mathematical
/// Statistics 35, 1964, doi:10.1214/aoms/1177703732) by reweighting, each round by conjugate gradients. The observations
/// against the reference are a class of their own with a σ of their own, found from what remains of them, for their
/// errors are of another kind than those between neighbours: this is what "weighted by its measured agreement" is.
struct DifferenceSystem {
  /// x[first] − x[second] ≈ value; without a second, x[first] ≈ value.
  struct Observation {
    let first: Int
    let second: Int?
    var value: Double
    /// One over the variance, up to a factor that its class shares.
    var weight: Double
  }

  let count: Int
  let observations: [Observation]

  private static let rounds = 12
  private static let huber = 1.345

  /// The unknowns; those of a part that nothing ties to the reference have mean zero.
  ///
  /// O(observations · √count) for each of 12 rounds; single-threaded, so the same bits always.
  ///
  /// - Parameter start: Where to begin; it decides about the time alone.
  /// - Returns: One for each.
  func solution(from start: [Double]? = nil) -> [Double] {
    var x = start ?? [Double](repeating: 0, count: count)
    var weights = observations.map(\.weight)
    let size = observations.reduce(0) { $0 + $1.weight * $1.value * $1.value }
    let rounding = 1e-3 * (size / Double(max(observations.count, 1))).squareRoot() + 1e-12
    for _ in 0..<Self.rounds {
      solve(weights, from: &x)
      let residuals = observations.map { observation in
        abs(x[observation.first] - (observation.second.map { x[$0] } ?? 0) - observation.value)
          * observation.weight.squareRoot()
      }
      let between = spread(residuals) { $0.second != nil }
      // A tile has one observation of the reference and gives way to it, so what remains of that says too little.
      let reference = max(spread(residuals) { $0.second == nil } ?? 0, between ?? 0, rounding)
      for i in weights.indices {
        let sigma =
          observations[i].second == nil ? reference : max(between ?? 0, rounding)
        weights[i] =
          observations[i].weight / (sigma * sigma)
          * min(1, Self.huber * sigma / max(residuals[i], 1e-300))
      }
    }
    for part in parts where !part.isHeld {
      let mean = part.members.reduce(0) { $0 + x[$1] } / Double(part.members.count)
      for i in part.members { x[i] -= mean }
    }
    return x
  }

  /// The unknowns that chains of observations tie together, and whether one of these leads to the reference.
  var parts: [(members: [Int], isHeld: Bool)] {
    var neighbours = [[Int]](repeating: [], count: count)
    var touchesReference = [Bool](repeating: false, count: count)
    for observation in observations {
      if let second = observation.second {
        neighbours[observation.first].append(second)
        neighbours[second].append(observation.first)
      } else {
        touchesReference[observation.first] = true
      }
    }
    var isSeen = [Bool](repeating: false, count: count)
    return (0..<count).compactMap { start in
      guard !isSeen[start] else { return nil }
      isSeen[start] = true
      var members = [start]
      var next = 0
      while next < members.count {
        for other in neighbours[members[next]] where !isSeen[other] {
          isSeen[other] = true
          members.append(other)
        }
        next += 1
      }
      return (members, members.contains { touchesReference[$0] })
    }
  }

  /// Robust standard deviation of a class, by those of its members that count; nil where it has none.
  private func spread(_ residuals: [Double], of belongs: (Observation) -> Bool) -> Double? {
    let members = observations.indices.filter { belongs(observations[$0]) }
    guard !members.isEmpty else { return nil }
    let least = 0.1 * members.map { observations[$0].weight }.median()
    return 1.4826
      * members.filter { observations[$0].weight > least }.map { residuals[$0] }.median()
  }

  /// Weighted least squares by conjugate gradients with the diagonal as preconditioner.
  private func solve(_ weights: [Double], from x: inout [Double]) {
    var diagonal = [Double](repeating: 0, count: count)
    var right = [Double](repeating: 0, count: count)
    for (weight, observation) in zip(weights, observations) {
      diagonal[observation.first] += weight
      right[observation.first] += weight * observation.value
      guard let second = observation.second else { continue }
      diagonal[second] += weight
      right[second] -= weight * observation.value
    }
    for i in 0..<count where diagonal[i] == 0 { diagonal[i] = 1 }  // nothing is observed of it
    var residual = zip(right, product(x, weights)).map { $0 - $1 }
    var preconditioned = zip(residual, diagonal).map { $0 / $1 }
    var direction = preconditioned
    var energy = dot(residual, preconditioned)
    let enough = 1e-18 * dot(right, zip(right, diagonal).map { $0 / $1 })
    var iterations = 0
    while energy > enough, iterations < Self.mostIterations {
      let image = product(direction, weights)
      let step = energy / dot(direction, image)
      for i in 0..<count {
        x[i] += step * direction[i]
        residual[i] -= step * image[i]
        preconditioned[i] = residual[i] / diagonal[i]
      }
      let next = dot(residual, preconditioned)
      for i in 0..<count { direction[i] = preconditioned[i] + next / energy * direction[i] }
      energy = next
      iterations += 1
    }
  }

  private static let mostIterations = 5000

  /// The normal matrix times a vector.
  private func product(_ x: [Double], _ weights: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: count)
    for (weight, observation) in zip(weights, observations) {
      if let second = observation.second {
        let pull = weight * (x[observation.first] - x[second])
        result[observation.first] += pull
        result[second] -= pull
      } else {
        result[observation.first] += weight * x[observation.first]
      }
    }
    return result
  }

  private func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for i in a.indices { sum += a[i] * b[i] }
    return sum
  }
}

/// A robust least-squares system with one unknown per tile, in which most observations are differences of
/// two unknowns.
///
/// Minimizes Σ w·ρ((x[first] − x[second] − value)/σ) with Huber's ρ (k = 1.345; P. J. Huber, Annals of Mathematical
/// Statistics 35, 1964, doi:10.1214/aoms/1177703732) by iteratively reweighted least squares. Each
/// iteration is solved by conjugate gradients. Observations against the reference form a class with its own σ,
/// estimated from their own residuals, because their errors differ in kind from the errors between neighboring
/// tiles. In this sense, the reference is weighted by how well it agrees with the tiles.
struct DifferenceSystem {
  /// One observation: x[first] − x[second] ≈ value, or x[first] ≈ value if `second` is nil.
  struct Observation {
    let first: Int
    let second: Int?
    var value: Double
    /// The inverse variance, up to a factor common to all observations of the class.
    var weight: Double
  }

  /// The number of unknowns.
  let count: Int
  let observations: [Observation]

  private static let rounds = 12
  private static let huber = 1.345

  /// Returns the solution; each component that is not connected to the reference has mean zero.
  ///
  /// O(observations · √count) for each of 12 iterations. Single-threaded, so results are always bit-identical.
  ///
  /// - Parameter start: The initial values; they affect only the run time.
  /// - Returns: One value per unknown.
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
      // Each tile has only one observation of the reference and adapts to it, so that residual alone is too small.
      let reference = max(spread(residuals) { $0.second == nil } ?? 0, between ?? 0, rounding)
      for i in weights.indices {
        let sigma =
          observations[i].second == nil ? reference : max(between ?? 0, rounding)
        weights[i] =
          observations[i].weight / (sigma * sigma)
          * min(1, Self.huber * sigma / max(residuals[i], 1e-300))
      }
    }
    for component in components where !component.isAnchored {
      let mean = component.members.reduce(0) { $0 + x[$1] } / Double(component.members.count)
      for i in component.members { x[i] -= mean }
    }
    return x
  }

  /// The connected components, each with a flag that tells whether any of its members is observed against the
  /// reference.
  var components: [(members: [Int], isAnchored: Bool)] {
    var neighbors = [[Int]](repeating: [], count: count)
    var touchesReference = [Bool](repeating: false, count: count)
    for observation in observations {
      if let second = observation.second {
        neighbors[observation.first].append(second)
        neighbors[second].append(observation.first)
      } else {
        touchesReference[observation.first] = true
      }
    }
    var isVisited = [Bool](repeating: false, count: count)
    return (0..<count).compactMap { start in
      guard !isVisited[start] else { return nil }
      isVisited[start] = true
      var members = [start]
      var next = 0
      while next < members.count {
        for other in neighbors[members[next]] where !isVisited[other] {
          isVisited[other] = true
          members.append(other)
        }
        next += 1
      }
      return (members, members.contains { touchesReference[$0] })
    }
  }

  /// Returns the robust standard deviation of a class, from its members with a relevant weight; nil for an empty
  /// class.
  private func spread(_ residuals: [Double], of belongs: (Observation) -> Bool) -> Double? {
    let members = observations.indices.filter { belongs(observations[$0]) }
    guard !members.isEmpty else { return nil }
    let minimumWeight = 0.1 * members.map { observations[$0].weight }.median()
    return 1.4826
      * members.filter { observations[$0].weight > minimumWeight }.map { residuals[$0] }.median()
  }

  /// Solves the weighted least-squares problem by conjugate gradients with a diagonal (Jacobi)
  /// preconditioner.
  private func solve(_ weights: [Double], from x: inout [Double]) {
    var diagonal = [Double](repeating: 0, count: count)
    var rightHandSide = [Double](repeating: 0, count: count)
    for (weight, observation) in zip(weights, observations) {
      diagonal[observation.first] += weight
      rightHandSide[observation.first] += weight * observation.value
      guard let second = observation.second else { continue }
      diagonal[second] += weight
      rightHandSide[second] -= weight * observation.value
    }
    for i in 0..<count where diagonal[i] == 0 { diagonal[i] = 1 }  // no observation of this unknown
    var residual = zip(rightHandSide, product(x, weights)).map { $0 - $1 }
    var preconditioned = zip(residual, diagonal).map { $0 / $1 }
    var direction = preconditioned
    var energy = dot(residual, preconditioned)
    let tolerance = 1e-18 * dot(rightHandSide, zip(rightHandSide, diagonal).map { $0 / $1 })
    var iterations = 0
    while energy > tolerance, iterations < Self.maximumIterations {
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

  private static let maximumIterations = 5000

  /// Multiplies the normal matrix by a vector.
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

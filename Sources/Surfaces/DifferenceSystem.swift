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

  /// The unknowns of an observation; `second` is -1 for the reference.
  private struct Pair {
    let first, second: Int32

    var isReference: Bool { second < 0 }
  }

  // Apart from one another, since most of the time goes into reading pairs and weights.
  private let pairs: [Pair]
  private let values: [Double]
  private let initialWeights: [Double]

  /// Creates a system.
  init(count: Int, observations: [Observation]) {
    self.count = count
    pairs = observations.map { Pair(first: Int32($0.first), second: Int32($0.second ?? -1)) }
    values = observations.map(\.value)
    initialWeights = observations.map(\.weight)
  }

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
    var weights = initialWeights
    let size = pairs.indices.reduce(0) { $0 + weights[$1] * values[$1] * values[$1] }
    let rounding = 1e-3 * (size / Double(max(pairs.count, 1))).squareRoot() + 1e-12
    for _ in 0..<Self.rounds {
      solve(weights, from: &x)
      let residuals = pairs.indices.map { i in
        let pair = pairs[i]
        let second = pair.isReference ? 0 : x[Int(pair.second)]
        return abs(x[Int(pair.first)] - second - values[i]) * initialWeights[i].squareRoot()
      }
      let between = spread(residuals) { !$0.isReference }
      // Each tile has only one observation of the reference and adapts to it, so that residual alone is too small.
      let reference = max(spread(residuals, of: \.isReference) ?? 0, between ?? 0, rounding)
      for i in weights.indices {
        let sigma = pairs[i].isReference ? reference : max(between ?? 0, rounding)
        weights[i] =
          initialWeights[i] / (sigma * sigma)
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
    let neighbors = neighbors
    var touchesReference = [Bool](repeating: false, count: count)
    for pair in pairs where pair.isReference { touchesReference[Int(pair.first)] = true }
    var isVisited = [Bool](repeating: false, count: count)
    return (0..<count).compactMap { start in
      guard !isVisited[start] else { return nil }
      isVisited[start] = true
      var members = [start]
      var next = 0
      while next < members.count {
        for other in neighbors.of(members[next]) where !isVisited[Int(other)] {
          isVisited[Int(other)] = true
          members.append(Int(other))
        }
        next += 1
      }
      return (members, members.contains { touchesReference[$0] })
    }
  }

  /// The unknowns that are compared with each one, in the order of the observations.
  private var neighbors: Neighbors {
    var starts = [Int](repeating: 0, count: count + 1)
    let between = pairs.lazy.filter { !$0.isReference }
    for pair in between {
      for tile in [pair.first, pair.second] { starts[Int(tile) + 1] += 1 }
    }
    for tile in 0..<count { starts[tile + 1] += starts[tile] }
    var ends = starts
    var list = [Int32](repeating: 0, count: starts[count])
    for pair in between {
      for (tile, other) in [(pair.first, pair.second), (pair.second, pair.first)] {
        list[ends[Int(tile)]] = other
        ends[Int(tile)] += 1
      }
    }
    return Neighbors(starts: starts, list: list)
  }

  private struct Neighbors {
    let starts: [Int]
    let list: [Int32]

    func of(_ tile: Int) -> ArraySlice<Int32> { list[starts[tile]..<starts[tile + 1]] }
  }

  /// Returns the robust standard deviation of a class, from its members with a relevant weight; nil for an empty
  /// class.
  private func spread(_ residuals: [Double], of belongs: (Pair) -> Bool) -> Double? {
    let members = pairs.indices.filter { belongs(pairs[$0]) }
    guard !members.isEmpty else { return nil }
    let minimumWeight = 0.1 * members.map { initialWeights[$0] }.median()
    return 1.4826
      * members.filter { initialWeights[$0] > minimumWeight }.map { residuals[$0] }.median()
  }

  /// Solves the weighted least-squares problem by conjugate gradients with a diagonal (Jacobi)
  /// preconditioner.
  private func solve(_ weights: [Double], from x: inout [Double]) {
    var diagonal = [Double](repeating: 0, count: count)
    var rightHandSide = [Double](repeating: 0, count: count)
    for (i, pair) in pairs.enumerated() {
      diagonal[Int(pair.first)] += weights[i]
      rightHandSide[Int(pair.first)] += weights[i] * values[i]
      guard !pair.isReference else { continue }
      diagonal[Int(pair.second)] += weights[i]
      rightHandSide[Int(pair.second)] -= weights[i] * values[i]
    }
    for i in 0..<count where diagonal[i] == 0 { diagonal[i] = 1 }  // no observation of this unknown
    var image = [Double](repeating: 0, count: count)
    multiply(x, weights, into: &image)
    var residual = zip(rightHandSide, image).map { $0 - $1 }
    var preconditioned = zip(residual, diagonal).map { $0 / $1 }
    var direction = preconditioned
    var energy = dot(residual, preconditioned)
    let tolerance = 1e-18 * dot(rightHandSide, zip(rightHandSide, diagonal).map { $0 / $1 })
    var iterations = 0
    while energy > tolerance, iterations < Self.maximumIterations {
      multiply(direction, weights, into: &image)
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
  private func multiply(_ x: [Double], _ weights: [Double], into result: inout [Double]) {
    for i in 0..<count { result[i] = 0 }
    for i in pairs.indices {
      let first = Int(pairs[i].first)
      if pairs[i].isReference {
        result[first] += weights[i] * x[first]
      } else {
        let second = Int(pairs[i].second)
        let pull = weights[i] * (x[first] - x[second])
        result[first] += pull
        result[second] -= pull
      }
    }
  }

  private func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for i in a.indices { sum += a[i] * b[i] }
    return sum
  }
}

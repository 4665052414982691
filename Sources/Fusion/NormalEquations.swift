/// The sums of a least-squares problem with several unknowns: minimize Σ (target − Σ gain · source)².
struct NormalEquations: Sendable {
  /// The number of unknowns.
  let count: Int
  /// The sums of products of sources, `[row, column]`.
  var matrix: [Double]
  /// The sums of products of each source and the target.
  var vector: [Double]
  /// The number of observations.
  var weight = 0.0

  /// No observations.
  init(count: Int) {
    self.count = count
    matrix = Array(repeating: 0, count: count * count)
    vector = Array(repeating: 0, count: count)
  }

  /// Adds an observation.
  mutating func add(_ sources: [Double], _ target: Double) {
    let count = count
    sources.withUnsafeBufferPointer { sources in
      matrix.withUnsafeMutableBufferPointer { matrix in
        for i in 0..<count {
          for j in 0...i { matrix[i * count + j] += sources[i] * sources[j] }
        }
      }
      for i in 0..<count { vector[i] += sources[i] * target }
    }
    weight += 1
  }

  /// Adds other equations with a weight.
  mutating func add(_ other: NormalEquations, times share: Double) {
    for i in matrix.indices { matrix[i] += share * other.matrix[i] }
    for i in vector.indices { vector[i] += share * other.vector[i] }
    weight += share * other.weight
  }

  /// Returns the equations of sources that are divided by `scales`.
  func scaled(by scales: [Double]) -> NormalEquations {
    var result = self
    for i in 0..<count {
      for j in 0...i { result.matrix[i * count + j] /= scales[i] * scales[j] }
      result.vector[i] /= scales[i]
    }
    return result
  }

  /// The solution by Cholesky's factorization, which reads the lower triangle; nil if the matrix is not positive
  /// definite.
  var solution: [Double]? {
    var l = matrix
    var x = vector
    for i in 0..<count {
      for j in 0...i {
        var sum = l[i * count + j]
        for k in 0..<j { sum -= l[i * count + k] * l[j * count + k] }
        if j < i {
          l[i * count + j] = sum / l[j * count + j]
        } else if sum > 0 {
          l[i * count + i] = sum.squareRoot()
        } else {
          return nil
        }
      }
      for k in 0..<i { x[i] -= l[i * count + k] * x[k] }
      x[i] /= l[i * count + i]
    }
    for i in (0..<count).reversed() {
      for k in i + 1..<count { x[i] -= l[k * count + i] * x[k] }
      x[i] /= l[i * count + i]
    }
    return x
  }

  /// Returns the matrix times a vector.
  func product(_ x: [Double]) -> [Double] {
    (0..<count).map { i in
      (0..<count).reduce(0) { sum, j in
        sum + matrix[max(i, j) * count + min(i, j)] * x[j]
      }
    }
  }
}

import Glibc
import Grids

/// A mean with Gaussian weights, mirrored at the edges.
struct GaussianMean {
  private let weights: [Double]
  private var radius: Int { weights.count / 2 }

  /// Creates a mean from the standard deviation of its weights, in pixels.
  init(deviation: Double) {
    let radius = Int((4 * deviation).rounded(.up))
    let weights = (-radius...radius).map { exp(-0.5 * pow(Double($0) / deviation, 2)) }
    let sum = weights.reduce(0, +)
    self.weights = weights.map { $0 / sum }
  }

  func apply(_ values: [Double], on grid: Grid) -> [Double] {
    let across = apply(values, step: 1, line: grid.width, lines: grid.height, count: grid.width)
    return apply(across, step: grid.width, line: 1, lines: grid.width, count: grid.height)
  }

  private func apply(_ values: [Double], step: Int, line: Int, lines: Int, count: Int) -> [Double] {
    var result = values
    let places = (-radius..<count + radius).map { place in
      let inside = (place % (2 * count) + 2 * count) % (2 * count)
      return step * (inside < count ? inside : 2 * count - 1 - inside)
    }
    for start in stride(from: 0, to: lines * line, by: line) {
      for place in 0..<count {
        var sum = 0.0
        for (tap, weight) in weights.enumerated() {
          sum += weight * values[start + places[place + tap]]
        }
        result[start + place * step] = sum
      }
    }
    return result
  }
}

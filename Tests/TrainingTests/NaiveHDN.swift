import Foundation
import Tensors

/// A reference implementation of the HDN loss, as its formula reads: a set for each context, a sort for each median, in
/// Double.
struct NaiveHDN {
  /// The losses of the strategies: ranges of height, ranges of quantiles, and squares.
  var parts = [0.0, 0.0, 0.0]
  /// The number of pixels in each context, summed over images.
  var counts: [[Int]] = [[], [], []]
  var gradient: [Double]

  var value: Double { parts.reduce(0, +) / 3 }

  init(_ prediction: Tensor, truth: Tensor, levels: Int = 3) {
    let (batch, rows, columns, _) = truth.shape.image
    let size = rows * columns
    gradient = Array(repeating: 0, count: batch * size)
    let total = truth.scalars.count { $0.isFinite }
    for image in 0..<batch {
      let pixels = (image * size..<(image + 1) * size).filter { truth.scalars[$0].isFinite }
      guard !pixels.isEmpty else { continue }
      for strategy in 0..<3 {
        let contexts = Self.contexts(strategy, levels, pixels, truth.scalars, image, rows, columns)
        if counts[strategy].isEmpty {
          counts[strategy] = Array(repeating: 0, count: contexts.count)
        }
        for (i, context) in contexts.enumerated() { counts[strategy][i] += context.count }
        for context in contexts where !context.isEmpty {
          add(
            context, strategy, prediction.scalars, truth.scalars,
            pixelsInAll: total, contextsOf: { pixel in contexts.count { $0.contains(pixel) } })
        }
      }
    }
  }

  private mutating func add(
    _ context: Set<Int>, _ strategy: Int, _ prediction: [Float], _ truth: [Float],
    pixelsInAll: Int, contextsOf: (Int) -> Int
  ) {
    let members = context.sorted()
    let n = Double(members.count)
    func normalized(_ map: [Float]) -> (median: Int, scale: Double, values: [Double]) {
      let median = members.sorted { (map[$0], $0) < (map[$1], $1) }[(members.count - 1) / 2]
      let distances = members.map { Double(map[$0]) - Double(map[median]) }
      let scale = distances.reduce(0) { $0 + abs($1) } / (n + 1) + 1e-6
      return (median, scale, distances.map { $0 / scale })
    }
    let (p, g) = (normalized(prediction), normalized(truth))
    // The gradient by the closed form in SPEC.
    func sign(_ x: Double) -> Double { x > 0 ? 1 : x < 0 ? -1 : 0 }
    var (q, sigma, dS) = ([Double](), [Double](), 0.0)
    for (i, pixel) in members.enumerated() {
      let share = 1 / (Double(pixelsInAll) * Double(contextsOf(pixel)))
      parts[strategy] += share * abs(p.values[i] - g.values[i])
      q.append(share / 3 * sign(p.values[i] - g.values[i]))
      sigma.append(sign(p.values[i]))
      dS -= q[i] * p.values[i] / p.scale
    }
    for (i, pixel) in members.enumerated() {
      gradient[pixel] += q[i] / p.scale + dS * sigma[i] / (n + 1)
    }
    // Pixels that equal the median share its gradient evenly.
    let medians = members.filter { prediction[$0] == prediction[p.median] }
    for pixel in medians {
      gradient[pixel] +=
        (-q.reduce(0, +) / p.scale - dS * sigma.reduce(0, +) / (n + 1)) / Double(medians.count)
    }
  }

  private static func contexts(
    _ strategy: Int, _ levels: Int, _ pixels: [Int], _ truth: [Float], _ image: Int, _ rows: Int,
    _ columns: Int
  ) -> [Set<Int>] {
    let sorted = pixels.map { truth[$0] }.sorted()
    func quantile(_ share: Float) -> Float {
      let rank = share * Float(sorted.count - 1)
      let (low, high) = (sorted[Int(rank)], sorted[Int(rank.rounded(.up))])
      let weight = rank - rank.rounded(.down)
      return weight < 0.5 ? low + weight * (high - low) : high - (high - low) * (1 - weight)
    }
    func height(_ share: Float) -> Float {
      share == 1
        ? sorted[sorted.count - 1] : sorted[0] + (sorted[sorted.count - 1] - sorted[0]) * share
    }
    return (0..<levels).reversed().flatMap { level -> [Set<Int>] in
      let bins = 1 << level
      guard strategy < 2 else {
        let cells = (0..<bins * bins).map { cell in
          Set(
            pixels.filter { pixel in
              let (row, column) = (pixel - image * rows * columns).quotientAndRemainder(
                dividingBy: columns)
              let (down, across) = cell.quotientAndRemainder(dividingBy: bins)
              return row >= down * rows / bins && row < (down + 1) * rows / bins
                && column >= across * columns / bins && column < (across + 1) * columns / bins
            })
        }
        return cells
      }
      let bound = strategy == 0 ? height : quantile
      return (0..<bins).map { bin in
        let low = bound(Float(bin) / Float(bins))
        let high = bound(Float(bin + 1) / Float(bins))
        return Set(pixels.filter { truth[$0] >= low && truth[$0] < high })
      }
    }
  }
}

import Reports
import Surfaces

/// Computes all metrics of one surface from its sums over blocks.
struct BlockMetrics {
  private let blocks: [BlockSums]
  private let bootstrap: BlockBootstrap

  /// The maximum number of differences per bootstrap round; more would only cost time.
  private static let roundSample = 20_000

  init(_ blocks: [BlockSums], _ bootstrap: BlockBootstrap) {
    self.blocks = blocks.filter { $0.differences.count > 0 }
    self.bootstrap = bootstrap
  }

  /// The metrics that are defined; a plane, for example, has no detail to correlate.
  var estimates: [Metric: Estimate] {
    let draws = bootstrap.draws(blocks: blocks.count)
    let drawn = draws.map { draw in draw.reduce(into: BlockSums()) { $0.addSums(of: blocks[$1]) } }
    let quantiles = QuantileRounds(blocks.map(\.differences.sample), atMost: Self.roundSample)
    let ranges = draws.map { quantiles.figures(of: $0) }
    var whole = BlockSums()
    for block in blocks { whole += block }
    guard let exact = Accuracy(differences: whole.differences.sample.map(Double.init)) else {
      return [:]
    }
    var result: [Metric: Estimate] = [:]
    for metric in Metric.allCases {
      let value: Double
      let rounds: [Double]
      switch metric {
      case .nmad: (value, rounds) = (exact.nmad, ranges.map(\.nmad))
      case .le68: (value, rounds) = (exact.le68, ranges.map(\.le68))
      case .le90: (value, rounds) = (exact.le90, ranges.map(\.le90))
      default: (value, rounds) = (whole.figure(metric), drawn.map { $0.figure(metric) })
      }
      guard !value.isNaN else { continue }
      result[metric] = Estimate(value: value, rounds: rounds, bootstrap)
    }
    return result
  }
}

extension BlockSums {
  /// Adds another block's sums without its sample, which bootstrap rounds do not need.
  fileprivate mutating func addSums(of other: BlockSums) {
    differences.addSums(of: other.differences)
    slopes += other.slopes
    fine += other.fine
  }

  /// Returns a metric that is computed from sums; NaN if nothing could be compared.
  fileprivate func figure(_ metric: Metric) -> Double {
    switch metric {
    case .bias: differences.bias
    case .rmse: differences.rmse
    case .slopeBias: SlopeAgreement(slopes)?.bias ?? .nan
    case .slopeRMSE: SlopeAgreement(slopes)?.rmse ?? .nan
    case .inversionRate: SlopeAgreement(slopes)?.inversionRate ?? .nan
    case .correlation: fine.correlation
    case .nmad, .le68, .le90: preconditionFailure("quantiles cannot be computed from sums")
    }
  }
}

/// Quantiles of differences when blocks are counted zero or more times.
///
/// Values are sorted once; each round scans them: O(differences).
private struct QuantileRounds {
  /// The differences with their blocks, in ascending order.
  private let sorted: [(value: Float, block: Int)]
  /// The absolute differences with their blocks, in ascending order.
  private let bySize: [(value: Float, block: Int)]
  private let blocks: Int

  init(_ samples: [[Float]], atMost limit: Int) {
    let count = samples.reduce(0) { $0 + $1.count }
    let step = max(1, (count + limit - 1) / limit)
    var all: [(value: Float, block: Int)] = []
    for (block, sample) in samples.enumerated() {
      // Even a small block keeps at least one value.
      for i in stride(from: min(step / 2, max(sample.count - 1, 0)), to: sample.count, by: step) {
        all.append((sample[i], block))
      }
    }
    sorted = all.sorted { $0.value < $1.value }
    bySize = all.map { (abs($0.value), $0.block) }.sorted { $0.0 < $1.0 }
    blocks = samples.count
  }

  func figures(of draw: [Int]) -> (nmad: Double, le68: Double, le90: Double) {
    var times = [Int](repeating: 0, count: blocks)
    for block in draw { times[block] += 1 }
    let total = sorted.reduce(0) { $0 + times[$1.block] }
    guard total > 0 else { return (.nan, .nan, .nan) }
    var (seen, middle) = (0, 0)
    for (i, item) in sorted.enumerated() {
      seen += times[item.block]
      middle = i
      if 2 * seen >= total { break }
    }
    let sizes = quantiles([0.683, 0.9], total, times)
    return (1.4826 * deviation(from: middle, total, times), sizes[0], sizes[1])
  }

  /// Returns the median absolute deviation from the median; scans outward on both sides, the nearer value first.
  private func deviation(from middle: Int, _ total: Int, _ times: [Int]) -> Double {
    let center = sorted[middle].value
    var (below, above) = (middle, middle + 1)
    var seen = 0
    var distance: Float = 0
    while 2 * seen < total {
      let down = below >= 0 ? center - sorted[below].value : .infinity
      let up = above < sorted.count ? sorted[above].value - center : .infinity
      distance = min(down, up)
      if down <= up {
        seen += times[sorted[below].block]
        below -= 1
      } else {
        seen += times[sorted[above].block]
        above += 1
      }
    }
    return Double(distance)
  }

  private func quantiles(_ shares: [Double], _ total: Int, _ times: [Int]) -> [Double] {
    var result: [Double] = []
    var seen = 0
    for item in bySize {
      seen += times[item.block]
      while result.count < shares.count, Double(seen) >= shares[result.count] * Double(total) {
        result.append(Double(item.value))
      }
      if result.count == shares.count { break }
    }
    return result
  }
}

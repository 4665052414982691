import Glibc
import Grids

/// How strongly each source of detail is to be added, in each region: what a linear regression finds in the octave above
/// the cells, where the reference itself shows the truth.
///
/// The reference's own detail below pairs of cells is regressed on that of the sources, in regions of a few cells.
/// Gains of a region are drawn to those of the whole (an empirical Bayes estimate with Zellner's prior), and those of
/// the whole to zero.
struct DetailGains: Sendable {
  /// The cells along each side of the blocks in which sums are formed.
  private static let blockSide = 4
  /// The standard deviation of the regions, in blocks.
  private static let reach = 1.0
  /// The weight of the whole in a region's gains, as a share of the observations of a region.
  private static let wholeShare = 0.5
  /// The ridge of the whole, as a share of the variance of a source, and in observations.
  private static let ridge = (share: 1e-3, observations: 30.0)

  /// The grid of the blocks.
  private let blocks: Grid
  /// The gain of each source in each block, `[source][row, column]`.
  private let gains: [[Double]]

  /// Estimates gains.
  ///
  /// - Parameters:
  ///   - target: What is to be explained, `[row, column]` of cells.
  ///   - details: The detail of each source in the same octave, alike.
  ///   - cells: The grid of the cells.
  init(target: [Float], sources details: [[Float]], cells: Grid) {
    let side = Self.blockSide
    let blocks = Grid(
      width: (cells.width + side - 1) / side, height: (cells.height + side - 1) / side)
    var sums = [NormalEquations](
      repeating: NormalEquations(count: details.count), count: blocks.pixelCount)
    var observation = [Double](repeating: 0, count: details.count)
    for row in 0..<cells.height {
      for column in 0..<cells.width {
        let cell = row * cells.width + column
        for source in details.indices { observation[source] = Double(details[source][cell]) }
        sums[row / side * blocks.width + column / side].add(observation, Double(target[cell]))
      }
    }
    self.blocks = blocks
    gains = Self.gains(sums, blocks)
  }

  private static func gains(_ sums: [NormalEquations], _ blocks: Grid) -> [[Double]] {
    let count = sums[0].count
    var whole = NormalEquations(count: count)
    for block in sums { whole.add(block, times: 1) }
    let observations = whole.weight
    let scales = (0..<count).map {
      max((whole.matrix[$0 * count + $0] / observations).squareRoot(), .leastNormalMagnitude)
    }
    var prior = NormalEquations(count: count)
    prior.add(whole.scaled(by: scales), times: 1 / observations)
    for i in 0..<count {
      prior.matrix[i * count + i] += ridge.share + ridge.observations / observations
    }
    guard let mean = prior.solution else {
      return Array(repeating: Array(repeating: 0, count: sums.count), count: count)
    }
    prior.vector = prior.product(mean)
    let area = Double(blockSide * blockSide)
    var result = [[Double]](repeating: [], count: count)
    for region in smoothed(sums, blocks) {
      var local = NormalEquations(count: count)
      local.add(region.scaled(by: scales), times: 1 / area)
      local.add(prior, times: wholeShare)
      let solution = local.solution ?? mean
      for source in 0..<count { result[source].append(solution[source] / scales[source]) }
    }
    return result
  }

  /// The sums in regions with the weights of a Gaussian function of the distance between blocks.
  private static func smoothed(_ sums: [NormalEquations], _ blocks: Grid) -> [NormalEquations] {
    let radius = Int((3 * reach).rounded(.up))
    let weights = (-radius...radius).map { exp(-0.5 * pow(Double($0) / reach, 2)) }
    let total = weights.reduce(0, +)
    func smoothed(_ sums: [NormalEquations], step: Int, along: (Int) -> Int, _ length: Int)
      -> [NormalEquations]
    {
      sums.indices.map { place in
        var result = NormalEquations(count: sums[0].count)
        for (tap, weight) in weights.enumerated()
        where (0..<length).contains(along(place) + tap - radius) {
          result.add(sums[place + (tap - radius) * step], times: weight / total)
        }
        return result
      }
    }
    let across = smoothed(sums, step: 1, along: { $0 % blocks.width }, blocks.width)
    return smoothed(across, step: blocks.width, along: { $0 / blocks.width }, blocks.height)
  }

  /// Adds a source's detail times its gain, which is interpolated linearly between the middles of blocks.
  ///
  /// - Parameters:
  ///   - detail: The detail of the source, `[row, column]`.
  ///   - source: The number of the source.
  ///   - factor: The pixels along each side of a cell.
  ///   - width: The number of columns of pixels.
  ///   - sum: The sum, `[row, column]`.
  func add(_ detail: [Float], of source: Int, factor: Int, width: Int, to sum: inout [Float]) {
    let side = Double(factor * Self.blockSide)
    let gains = gains[source]
    let across = (0..<width).map { Self.place($0, side, blocks.width) }
    for row in 0..<detail.count / width {
      let down = Self.place(row, side, blocks.height)
      let (above, below) = (down.first * blocks.width, down.second * blocks.width)
      let line = (0..<blocks.width).map {
        Float(gains[above + $0] + down.share * (gains[below + $0] - gains[above + $0]))
      }
      for column in 0..<width {
        let (first, second, share) = across[column]
        let gain = line[first] + Float(share) * (line[second] - line[first])
        sum[row * width + column] += gain * detail[row * width + column]
      }
    }
  }

  /// The blocks around a pixel, and the share of the second.
  private static func place(_ pixel: Int, _ side: Double, _ count: Int)
    -> (first: Int, second: Int, share: Double)
  {
    let place = min(max((Double(pixel) + 0.5) / side - 0.5, 0), Double(count - 1))
    let first = Int(place)
    return (first, min(first + 1, count - 1), place - Double(first))
  }
}

import Glibc
import Grids

/// How strongly each surface of a source of detail is to be added, in each region: what a linear regression finds in the octave above
/// the cells, where the reference itself shows the truth.
///
/// The reference's own detail below pairs of cells is regressed on that of the sources, in regions of a few cells.
/// Gains of a region are drawn to those of the whole (an empirical Bayes estimate with Zellner's prior), and those of
/// the whole to zero.
struct DetailGains: Sendable {
  /// The cells along each side of the blocks in which sums are formed.
  static let blockSide = 4
  /// The standard deviation of the regions, in blocks.
  private static let reach = 1.0
  /// The weight of the whole in a region's gains, as a share of the observations of a region.
  private static let wholeShare = 0.5
  /// The ridge of the whole, as a share of the variance of a source, and in observations.
  private static let ridge = (share: 1e-3, observations: 30.0)

  /// The grid of the blocks.
  let blocks: Grid
  /// The gain of each surface in each block, `[surface][row, column]`.
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

  /// Returns the gains times a share.
  func times(_ share: Double) -> [[Float]] { gains.map { $0.map { Float(share * $0) } } }

  /// Estimates the gains of several sources, of which each explains what those before it have left.
  ///
  /// - Parameters:
  ///   - reference: The reference, `[row, column]` of cells, without missing values.
  ///   - means: The sources, with surfaces of means over the cells.
  ///   - cells: The grid of the cells.
  /// - Returns: The gains of each source.
  static func series(
    _ reference: [Float], _ means: [DetailSource], _ cells: Grid
  ) -> [DetailGains] {
    let octave = Octave(cells)
    var missing = octave.detail(reference)
    return means.map { source in
      let details = source.surfaces.map(octave.detail)
      let gains = DetailGains(target: missing, sources: details, cells: octave.grid)
      let lattice = GainLattice(gains.times(-1), over: gains.blocks.window)
      for (number, detail) in details.enumerated() {
        lattice.add(detail, of: number, cell: 1, width: octave.grid.width, to: &missing)
      }
      return gains
    }
  }
}

import Glibc
import Grids

/// What detail does to the reference itself one octave up: the reference is averaged over pairs of cells, sharpened in
/// the same way, and compared with itself.
public struct OctaveTest: Hashable, Sendable {
  /// The share of the squared error that the detail removes; negative if it adds error.
  public let score: Double
  /// What the score exceeds with a probability of 95 %, by the differences between blocks of the reference.
  public let surelyAbove: Double
  /// The factor of the detail with which the least error would remain.
  public let factor: Double

  /// The least number of cells along each side for which the test counts.
  public static let fewestCells = 16
  /// The blocks along the shorter side.
  private static let blocks = 8
  /// The 95 % quantile of the normal distribution.
  private static let quantile = 1.645

  /// The factor of the detail below the reference's own cells, 0…1: none if it may have added error, and never more than
  /// found.
  public var share: Double { surelyAbove > 0 ? min(max(factor, 0), 1) : 0 }

  /// Tests the detail of sources, each after the share of those before it was added; none for too few cells.
  ///
  /// - Parameters:
  ///   - reference: The reference, `[row, column]` of cells, without missing values.
  ///   - means: The sources, with surfaces of means over the cells.
  ///   - cells: The grid of the cells.
  /// - Returns: The test of each source.
  static func tests(
    of reference: [Float], with means: [DetailSource], on cells: Grid
  ) -> [OctaveTest] {
    guard min(cells.width, cells.height) >= fewestCells else { return [] }
    let octave = Octave(cells)
    let sources = means.map { $0.map(octave.part) }
    let truth = octave.part(reference)
    let coarse = octave.spline.means(truth)
    let series = DetailGains.series(
      coarse, sources.map { $0.map(octave.spline.means) }, octave.spline.cells)
    var missing = octave.detail(reference)
    return zip(series, sources).map { gains, source in
      var sum = DetailSum(
        on: octave.spline, GainLattice(gains.times(1), over: gains.blocks.window))
      for (number, surface) in source.surfaces.enumerated() { sum.add(surface, of: number) }
      let added = sum.detail
      let test = OctaveTest(missing, added, octave.grid)
      let share = Float(test.share)
      for cell in missing.indices { missing[cell] -= share * added[cell] }
      return test
    }
  }

  /// Creates a test from what it found.
  public init(score: Double, surelyAbove: Double, factor: Double) {
    (self.score, self.surelyAbove, self.factor) = (score, surelyAbove, factor)
  }

  private init(_ missing: [Float], _ added: [Float], _ grid: Grid) {
    let sums = Self.sums(missing, added, grid, max(2, min(grid.width, grid.height) / Self.blocks))
    let total = sums.reduce(SIMD3.zero, +)
    guard total[0] > 0, total[2] > 0 else {
      (score, surelyAbove, factor) = (0, 0, 0)
      return
    }
    let score = (2 * total[1] - total[2]) / total[0]
    // The standard error of a ratio of sums over blocks (the delta method).
    let count = Double(sums.count)
    let spread = sums.reduce(0) { $0 + pow(2 * $1[1] - $1[2] - score * $1[0], 2) }
    let deviation = (spread * count / max(count - 1, 1)).squareRoot() / total[0]
    surelyAbove = score - Self.quantile * deviation
    (self.score, factor) = (score, total[1] / total[2])
  }

  /// The sums of missing², missing · added and added² in blocks.
  private static func sums(
    _ missing: [Float], _ added: [Float], _ grid: Grid, _ side: Int
  ) -> [SIMD3<Double>] {
    let (rows, columns) = (grid.height / side, grid.width / side)
    var sums = [SIMD3<Double>](repeating: .zero, count: rows * columns)
    for row in 0..<grid.height {
      for column in 0..<grid.width {
        let (a, b) = (
          Double(missing[row * grid.width + column]), Double(added[row * grid.width + column])
        )
        let block = min(row / side, rows - 1) * columns + min(column / side, columns - 1)
        sums[block] += SIMD3(a * a, a * b, b * b)
      }
    }
    return sums
  }
}

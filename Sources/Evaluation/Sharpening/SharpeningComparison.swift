import Foundation
import Grids
import Rasters
import Reports

/// Compares sharpened cells with the truth and with the enlarged cells, block by block.
struct SharpeningComparison {
  private let truth: [Float]
  private let isKnown: [Bool]
  private let grid: Grid
  private let pixel: (x: Double, y: Double)
  private let side: Int
  private let bootstrap: BlockBootstrap
  private let draws: [[Int]]
  private let base: [Sums]

  /// Sums over a block.
  private struct Sums {
    var squares = 0.0
    var slopes = 0.0
  }

  init(
    truth: [Float], base: [Float], isKnown: [Bool], on grid: Grid, ground: GroundSampleDistance?,
    side: Int, _ bootstrap: BlockBootstrap
  ) {
    (self.truth, self.isKnown, self.grid, self.side) = (truth, isKnown, grid, side)
    pixel = ground.map { ($0.x, $0.y) } ?? (1, 1)
    self.bootstrap = bootstrap
    self.base = Self.sums(base, truth, isKnown, grid, pixel, side)
    draws = bootstrap.draws(blocks: self.base.count)
  }

  /// Compares sharpened cells.
  func candidate(
    _ name: String, _ heights: [Float], isSharpened: Bool
  ) -> SharpeningTrial.Candidate {
    let sums = Self.sums(heights, truth, isKnown, grid, pixel, side)
    func ratio(_ part: KeyPath<Sums, Double>) -> Estimate {
      func value(_ blocks: some Sequence<Int>) -> Double {
        var (above, below) = (0.0, 0.0)
        for block in blocks {
          above += sums[block][keyPath: part]
          below += base[block][keyPath: part]
        }
        return (above / below).squareRoot()
      }
      return Estimate(value: value(sums.indices), rounds: draws.map(value), bootstrap)
    }
    let worse = zip(sums, base).count { $0.squares > $1.squares }
    return SharpeningTrial.Candidate(
      name: name, isSharpened: isSharpened, rmse: ratio(\.squares), slope: ratio(\.slopes),
      worseBlocks: Double(worse) / Double(max(sums.count, 1)))
  }

  /// The sums of squared errors of heights and of slopes in each block with known pixels.
  private static func sums(
    _ heights: [Float], _ truth: [Float], _ isKnown: [Bool], _ grid: Grid,
    _ pixel: (x: Double, y: Double), _ side: Int
  ) -> [Sums] {
    let (rows, columns) = (max(1, grid.height / side), max(1, grid.width / side))
    var sums = [Sums](repeating: Sums(), count: rows * columns)
    var counts = [Int](repeating: 0, count: sums.count)
    let (own, others) = (slopes(heights, grid, pixel), slopes(truth, grid, pixel))
    for row in 0..<grid.height {
      for column in 0..<grid.width {
        let place = row * grid.width + column
        guard isKnown[place] else { continue }
        let block = min(row / side, rows - 1) * columns + min(column / side, columns - 1)
        sums[block].squares += pow(Double(heights[place] - truth[place]), 2)
        sums[block].slopes += pow(own[place] - others[place], 2)
        counts[block] += 1
      }
    }
    return zip(sums, counts).filter { $1 > 0 }.map(\.0)
  }

  /// The steepest rise at each pixel, by differences across it.
  private static func slopes(
    _ heights: [Float], _ grid: Grid, _ pixel: (x: Double, y: Double)
  ) -> [Double] {
    (0..<grid.pixelCount).map { place in
      let (row, column) = place.quotientAndRemainder(dividingBy: grid.width)
      let (left, right) = (max(column - 1, 0), min(column + 1, grid.width - 1))
      let (above, below) = (max(row - 1, 0), min(row + 1, grid.height - 1))
      let x =
        Double(heights[row * grid.width + right] - heights[row * grid.width + left])
        / (Double(max(right - left, 1)) * pixel.x)
      let y =
        Double(heights[below * grid.width + column] - heights[above * grid.width + column])
        / (Double(max(below - above, 1)) * pixel.y)
      return hypot(x, y)
    }
  }
}

public import Grids

/// A coarse grid of cells enlarged to a smooth surface whose mean over the pixels of each cell is the cell's value.
///
/// The surface is a product of uniform cubic B-splines with a knot in the middle of each cell, continued linearly
/// beyond the edges. Its coefficients solve the banded system that the means of the splines form, once along each axis
/// (histopolation). A plane is reproduced exactly, up to its edges. O(pixels).
public struct CellSpline: Sendable {
  /// The grid of the cells.
  public let cells: Grid
  /// The number of pixels along each side of a cell.
  public let factor: Int
  private let rows: SplineAxis
  private let columns: SplineAxis

  /// Creates the enlargement of a grid of cells of `factor` × `factor` pixels.
  public init(cells: Grid, factor: Int) {
    precondition(factor > 0, "a cell has at least one pixel")
    (self.cells, self.factor) = (cells, factor)
    rows = SplineAxis(cells.height, factor)
    columns = SplineAxis(cells.width, factor)
  }

  /// The number of columns of pixels.
  public var width: Int { cells.width * factor }
  /// The number of rows of pixels.
  public var height: Int { cells.height * factor }
  /// The grid of the pixels.
  public var grid: Grid { Grid(width: width, height: height) }

  /// Returns the surface, `[row, column]`, of cells without missing values, `[row, column]`.
  public func enlarged(_ values: [Float]) -> [Float] {
    precondition(values.count == cells.pixelCount, "one value for each cell")
    var coefficients = values.map(Double.init)
    rows.solve(&coefficients, stride: cells.width, step: 1, count: cells.width)
    columns.solve(&coefficients, stride: 1, step: cells.width, count: cells.height)
    return [Float](unsafeUninitializedCapacity: width * height) { result, count in
      var line = [Double](repeating: 0, count: cells.width + 4)
      for row in 0..<height {
        rows.evaluate(coefficients, at: row, width: cells.width, to: &line)
        columns.evaluate(&line, to: &result, from: row * width)
      }
      count = width * height
    }
  }

  /// Returns the mean of each cell, `[row, column]`, of a surface, `[row, column]`.
  public func means(_ pixels: [Float]) -> [Float] {
    precondition(pixels.count == width * height, "one value for each pixel")
    let area = Double(factor * factor)
    return [Float](unsafeUninitializedCapacity: cells.pixelCount) { means, count in
      pixels.withUnsafeBufferPointer { pixels in
        for row in 0..<cells.height {
          for column in 0..<cells.width {
            var sum = 0.0
            for line in row * factor..<(row + 1) * factor {
              let first = line * width + column * factor
              var part = 0.0
              for pixel in first..<first + factor { part += Double(pixels[pixel]) }
              sum += part
            }
            means[row * cells.width + column] = Float(sum / area)
          }
        }
      }
      count = cells.pixelCount
    }
  }

  /// Returns what a surface has besides its enlarged means: detail that cells of this size cannot show.
  ///
  /// Its mean over each cell is 0.
  public func detail(_ pixels: [Float]) -> [Float] {
    zip(pixels, enlarged(means(pixels))).map { $0 - $1 }
  }
}

/// The spline along one axis.
private struct SplineAxis: Sendable {
  /// The number of cells.
  let count: Int
  /// The weights of the splines of five cells, from two before to two behind, at each pixel of a cell.
  let weights: [[Double]]
  /// The factors of the band matrix: two below the diagonal, the diagonal's inverse, two above.
  private var lower: [SIMD2<Double>] = []
  private var inverse: [Double] = []
  private var upper: [SIMD2<Double>] = []

  /// The cubic B-spline at a distance from its middle.
  private static func spline(_ distance: Double) -> Double {
    let d = abs(distance)
    if d < 1 { return 2.0 / 3 - d * d + d * d * d / 2 }
    return d < 2 ? (2 - d) * (2 - d) * (2 - d) / 6 : 0
  }

  init(_ count: Int, _ factor: Int) {
    self.count = count
    weights = (0..<factor).map { pixel in
      let place = (Double(pixel) + 0.5) / Double(factor) - 0.5
      return (-2...2).map { Self.spline(place - Double($0)) }
    }
    let means = (0..<5).map { tap in weights.reduce(0) { $0 + $1[tap] } / Double(factor) }
    factorize((0..<count).map { row(of: $0, means) })
  }

  /// The mean of a cell as a function of the coefficients of five cells; those beyond the edges continue linearly.
  private func row(of cell: Int, _ means: [Double]) -> [Double] {
    guard count > 1 else { return [0, 0, 1, 0, 0] }
    var row = [Double](repeating: 0, count: 5)
    for tap in 0..<5 {
      for (other, share) in Self.inside(cell + tap - 2, count) {
        row[other - cell + 2] += means[tap] * share
      }
    }
    return row
  }

  /// A coefficient as a sum of those inside.
  private static func inside(_ cell: Int, _ count: Int) -> [(Int, Double)] {
    if count == 1 { return [(0, 1)] }
    if cell < 0 { return [(0, Double(1 - cell)), (1, Double(cell))] }
    let beyond = cell - count + 1
    return beyond > 0
      ? [(count - 1, Double(1 + beyond)), (count - 2, Double(-beyond))] : [(cell, 1)]
  }

  /// Eliminates the band below the diagonal; the matrix is diagonally dominant, so rows are not exchanged.
  private mutating func factorize(_ matrix: [[Double]]) {
    var band = matrix
    lower = Array(repeating: .zero, count: count)
    for i in 0..<count {
      for below in 1...2 where i + below < count {
        let share = band[i + below][2 - below] / band[i][2]
        lower[i + below][below - 1] = share
        for tap in 1...2 { band[i + below][2 - below + tap] -= share * band[i][2 + tap] }
      }
    }
    inverse = band.map { 1 / $0[2] }
    upper = band.map { SIMD2($0[3], $0[4]) }
  }

  /// Replaces means by coefficients on lines whose elements are `stride` apart; there are `count` lines, `step` apart.
  func solve(_ values: inout [Double], stride: Int, step: Int, count lines: Int) {
    for line in 0..<lines {
      let start = line * step
      for i in 0..<count {
        var value = values[start + i * stride]
        if i > 0 { value -= lower[i][0] * values[start + (i - 1) * stride] }
        if i > 1 { value -= lower[i][1] * values[start + (i - 2) * stride] }
        values[start + i * stride] = value
      }
      for i in (0..<count).reversed() {
        var value = values[start + i * stride]
        if i + 1 < count { value -= upper[i][0] * values[start + (i + 1) * stride] }
        if i + 2 < count { value -= upper[i][1] * values[start + (i + 2) * stride] }
        values[start + i * stride] = value * inverse[i]
      }
    }
  }

  /// Evaluates across rows of cells: the coefficients of a row of pixels, after two places for those before the first.
  func evaluate(
    _ coefficients: [Double], at pixel: Int, width: Int, to line: inout [Double]
  ) {
    let (cell, phase) = pixel.quotientAndRemainder(dividingBy: weights.count)
    for column in line.indices { line[column] = 0 }
    for tap in 0..<5 where weights[phase][tap] != 0 {
      for (other, share) in Self.inside(cell + tap - 2, count) {
        let (weight, start) = (weights[phase][tap] * share, other * width)
        for column in 0..<width { line[column + 2] += weight * coefficients[start + column] }
      }
    }
  }

  /// Evaluates along a row of coefficients, which begin at the third place; writes the pixels from `first` on.
  func evaluate(
    _ line: inout [Double], to result: inout UnsafeMutableBufferPointer<Float>, from first: Int
  ) {
    for place in [0, 1, count + 2, count + 3] {
      line[place] = Self.inside(place - 2, count).reduce(0) { $0 + $1.1 * line[$1.0 + 2] }
    }
    line.withUnsafeBufferPointer { line in
      for (phase, weights) in weights.enumerated() {
        let (a, b, c, d, e) = (weights[0], weights[1], weights[2], weights[3], weights[4])
        for cell in 0..<count {
          let sum =
            a * line[cell] + b * line[cell + 1] + c * line[cell + 2] + d * line[cell + 3]
            + e * line[cell + 4]
          result[first + cell * self.weights.count + phase] = Float(sum)
        }
      }
    }
  }
}

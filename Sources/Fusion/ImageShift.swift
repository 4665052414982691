import Grids
import Surfaces
import Synchronization

/// Calls a closure with the numbers below a count, on any threads.
public typealias Loop = @Sendable (_ count: Int, _ body: @Sendable (Int) -> Void) -> Void

/// A loop on the calling thread.
public let serialLoop: Loop = { count, body in for number in 0..<count { body(number) } }

/// How far an image lies from a reference, found from the reference's own detail.
///
/// For shifts of thirds of a cell, the reference's detail in the octave above its cells is regressed on that of the
/// shifted source; the best shift explains most of it. Leaving out one block of the reference after the other gives the
/// standard deviation (the jackknife; B. Efron and C. Stein, Annals of Statistics 9, 1981, doi:10.1214/aos/1176345462).
public struct ImageShift: Hashable, Sendable, Codable {
  /// How far the image lies to the right of the reference, in pixels.
  public let columns: Double
  /// How far the image lies below the reference, in pixels.
  public let rows: Double
  /// The standard deviation of both, in pixels.
  public let deviation: Double
  /// The share of the reference's variance in the octave that the source explains at the best shift, 0…1.
  public let explained: Double

  /// The shift in pixels.
  public var distance: Double { (columns * columns + rows * rows).squareRoot() }

  /// Whether the shift is certain, and larger than a third of a cell of `factor` pixels.
  public func isRelevant(factor: Int) -> Bool {
    distance > 3 * deviation && distance > Double(factor) / 3
  }

  /// The largest shift that is tried along each axis, in steps of a third of a cell.
  private static let radius = 5
  /// The least number of cells along each side; with fewer, slopes that plants favor pass for a shift.
  private static let fewestCells = 32

  /// A part of a scene as a source shows it, and the reference of it.
  public struct Part: Sendable {
    let source: DetailSource
    let reference: [Float]
    let spline: CellSpline

    /// Creates a part.
    ///
    /// - Parameters:
    ///   - source: The source, with surfaces of pixels.
    ///   - reference: The reference, `[row, column]` of cells, without missing values.
    ///   - spline: The cells and their size in pixels.
    public init(_ source: DetailSource, _ reference: [Float], on spline: CellSpline) {
      (self.source, self.reference, self.spline) = (source, reference, spline)
    }
  }

  /// Finds the shift of a source in parts of a scene; nil if the reference's detail does not tell it.
  ///
  /// O(pixels + cells · surfaces² · shifts).
  ///
  /// - Parameters:
  ///   - parts: The parts, with cells of one size.
  ///   - loop: Calls its closure with the numbers below a count, on any threads.
  public init?(of parts: [Part], loop: Loop = serialLoop) {
    guard let first = parts.first,
      parts.allSatisfy({
        min($0.spline.cells.width, $0.spline.cells.height) >= Self.fewestCells
      })
    else { return nil }
    let step = max(1, (first.spline.factor + 1) / 3)
    let surfaces = first.source.surfaces.count
    let prepared = parts.map { part in
      (
        part, part.octave.detail(part.reference),
        part.source.surfaces.map { MovingMeans($0, on: part.spline, reach: Self.radius * step) }
      )
    }
    let side = 2 * Self.radius + 1
    let found = Mutex([[NormalEquations]](repeating: [], count: side * side))
    loop(side * side) { place in
      let (down, right) = (place / side - Self.radius, place % side - Self.radius)
      let equations = prepared.flatMap { part, target, means in
        part.equations(target, means.map { $0.means(down: down * step, right: right * step) })
      }
      found.withLock { $0[place] = equations }
    }
    let blocks = found.withLock(\.self)
    let squares = parts.flatMap(\.squares)
    let sums = blocks.map { blocks in
      blocks.reduce(into: NormalEquations(count: surfaces)) { $0.add($1, times: 1) }
    }
    func peak(without omitted: Int?) -> ShiftPeak {
      let total = squares.reduce(0, +) - (omitted.map { squares[$0] } ?? 0)
      let explained = zip(blocks, sums).map { blocks, whole in
        var sum = whole
        if let omitted { sum.add(blocks[omitted], times: -1) }
        let gains = sum.solution ?? []
        return zip(gains, sum.vector).reduce(0) { $0 + $1.0 * $1.1 }
          / max(total, .leastNormalMagnitude)
      }
      return ShiftPeak(of: ShiftPeak.Surface(radius: Self.radius, values: explained))
    }
    let whole = peak(without: nil)
    guard whole.isWellDefined else { return nil }
    let others = squares.indices.map { peak(without: $0) }
    let count = Double(others.count)
    let means = others.reduce(SIMD2.zero) { $0 + SIMD2($1.right, $1.down) / count }
    let spread = others.reduce(0) { sum, other in
      let difference = SIMD2(other.right, other.down) - means
      return sum + (difference * difference).sum() / 2
    }
    columns = whole.right * Double(step)
    rows = whole.down * Double(step)
    deviation = (spread * (count - 1) / count).squareRoot() * Double(step)
    explained = whole.correlation
  }
}

extension ImageShift.Part {
  /// The blocks along the shorter side.
  private static let blocks = 5

  fileprivate var octave: Octave { Octave(spline.cells) }

  /// The sum of squares of the reference's detail in each block.
  fileprivate var squares: [Double] {
    let target = octave.detail(reference)
    var sums: [Double] = []
    Self.forEachCell(of: octave.grid) { cell, block in
      while sums.count <= block { sums.append(0) }
      sums[block] += Double(target[cell]) * Double(target[cell])
    }
    return sums
  }

  /// The equations of each block for the reference's detail and means of the shifted source over cells.
  fileprivate func equations(_ target: [Float], _ means: [[Float]]) -> [NormalEquations] {
    let octave = octave
    let details = means.map(octave.detail)
    var sums: [NormalEquations] = []
    var observation = [Double](repeating: 0, count: details.count)
    Self.forEachCell(of: octave.grid) { cell, block in
      while sums.count <= block { sums.append(NormalEquations(count: details.count)) }
      for source in details.indices { observation[source] = Double(details[source][cell]) }
      sums[block].add(observation, Double(target[cell]))
    }
    return sums
  }

  /// Calls `body` with each cell of a grid and the number of its block.
  private static func forEachCell(of grid: Grid, _ body: (_ cell: Int, _ block: Int) -> Void) {
    let side = max(1, min(grid.width, grid.height) / blocks)
    let (rows, columns) = (grid.height / side, grid.width / side)
    for row in 0..<grid.height {
      for column in 0..<grid.width {
        let block = min(row / side, rows - 1) * columns + min(column / side, columns - 1)
        body(row * grid.width + column, block)
      }
    }
  }
}

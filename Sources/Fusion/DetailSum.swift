import Grids

/// The enlarged cells of a reference, with the detail of surfaces added, each times its gain.
///
/// Means over cells are kept to rounding, and without any gain the sum is the enlarged reference bit for bit.
public struct DetailSum: Sendable {
  private let spline: CellSpline
  private let lattice: GainLattice
  private var sum: [Float]?

  /// Creates a sum without detail.
  public init(on spline: CellSpline, _ lattice: GainLattice) {
    (self.spline, self.lattice) = (spline, lattice)
  }

  /// Whether a surface contributes, so that it is needed.
  public func uses(_ surface: Int) -> Bool { lattice.isUsed(surface) }

  /// Adds what a surface, `[row, column]` of pixels, has below the cells.
  public mutating func add(_ pixels: [Float], of surface: Int) {
    guard uses(surface) else { return }
    var detail = sum ?? Array(repeating: 0, count: pixels.count)
    sum = nil
    lattice.add(
      spline.detail(pixels), of: surface, cell: spline.factor, width: spline.width, to: &detail)
    sum = detail
  }

  /// Returns the heights, `[row, column]` of pixels, for a reference, `[row, column]` of cells.
  public func heights(_ reference: [Float]) -> [Float] {
    let base = spline.enlarged(reference)
    return sum == nil ? base : zip(base, detail).map { $0 + $1 }
  }

  /// The detail, `[row, column]` of pixels, whose mean over each cell is 0.
  public var detail: [Float] {
    sum.map(spline.detail) ?? Array(repeating: 0, count: spline.width * spline.height)
  }
}

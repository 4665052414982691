public import Grids

/// What detail does to the reference itself one octave up: the reference is averaged over pairs of cells, sharpened in
/// the same way, and compared with itself.
public struct OctaveTest: Hashable, Sendable {
  /// The share of the squared error that the detail removes; negative if it adds error.
  public let score: Double
  /// The factor of the detail with which the least error would remain.
  public let factor: Double

  /// The least number of cells along each side for which the test counts.
  static let fewestCells = 32

  /// The factor of the detail below the reference's own cells, 0…1: none if it added error, and never more than found.
  public var share: Double { score > 0 ? min(max(factor, 0), 1) : 0 }

  /// Tests the detail of sources; nil for too few cells.
  ///
  /// - Parameters:
  ///   - reference: The reference, `[row, column]` of cells, without missing values.
  ///   - means: The means of each source over the cells, alike.
  ///   - cells: The grid of the cells.
  public init?(of reference: [Float], with means: [[Float]], on cells: Grid) {
    guard min(cells.width, cells.height) >= Self.fewestCells else { return nil }
    let octave = CellSpline(
      cells: Grid(width: cells.width / 2, height: cells.height / 2), factor: 2)
    let part = Grid(width: octave.width, height: octave.height)
    let sources = means.map { $0.cropped(from: cells.width, to: part) }
    let truth = reference.cropped(from: cells.width, to: part)
    let coarse = octave.means(truth)
    let missing = zip(truth, octave.enlarged(coarse)).map { $0 - $1 }
    let added = DetailFusion.detail(coarse, sources, sources.map(octave.means), octave)
    func sum(_ a: [Float], _ b: [Float]) -> Double {
      zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let (all, shared, own) = (sum(missing, missing), sum(missing, added), sum(added, added))
    guard all > 0, own > 0 else { return nil }
    score = (2 * shared - own) / all
    factor = shared / own
  }
}

import Grids

/// Adds detail that an image shows to a coarse reference, whose means over its cells are kept.
///
/// Detail is what a source has below the size of the reference's cells: surfaces that are integrated from the brightness
/// of bands (`ShadingIntegrals`), or the heights of a network. How strongly each is added follows from the octave above,
/// where the reference shows the truth (`DetailGains`). Whether it is added at all follows from a test one octave
/// further up: the reference is averaged over pairs of cells, sharpened in the same way, and compared with itself.
public struct DetailFusion: Sendable {
  /// The heights, `[row, column]` of pixels.
  public let heights: [Float]
  /// Whether detail was added; otherwise the heights are the enlarged reference.
  public let isOpen: Bool
  /// The share of the squared error that detail removes when the reference is sharpened from half its resolution; nil
  /// for too few cells.
  public let score: Double?

  /// The least number of cells along each side for which the test counts.
  static let fewestCells = 32
  /// The least share of the squared error that must be removed.
  static let leastScore = 0.05

  /// Fuses a reference with sources of detail.
  ///
  /// - Parameters:
  ///   - reference: The reference, `[row, column]` of cells, without missing values.
  ///   - sources: The surfaces of each source, `[row, column]` of pixels, without missing values; in any unit.
  ///   - spline: The cells and their size in pixels.
  public init(_ reference: [Float], with sources: [[Float]], on spline: CellSpline) {
    let base = spline.enlarged(reference)
    let means = sources.map(spline.means)
    score = Self.score(reference, means, spline.cells)
    isOpen = (score ?? 0) > Self.leastScore
    guard isOpen else {
      heights = base
      return
    }
    let detail = Self.detail(reference, sources, means, spline)
    heights = zip(base, detail).map { $0 + $1 }
  }

  /// The detail to add: its mean over each cell is 0.
  private static func detail(
    _ reference: [Float], _ sources: [[Float]], _ means: [[Float]], _ spline: CellSpline
  ) -> [Float] {
    let gains = DetailGains(reference: reference, sources: means, cells: spline.cells)
    var sum = [Float](repeating: 0, count: spline.width * spline.height)
    for (number, source) in sources.enumerated() {
      let detail = zip(source, spline.enlarged(means[number])).map { $0 - $1 }
      gains.add(detail, of: number, factor: spline.factor, width: spline.width, to: &sum)
    }
    return spline.detail(sum)
  }

  /// The share of the squared error of the reference, enlarged from pairs of its cells, that detail removes.
  private static func score(_ reference: [Float], _ means: [[Float]], _ cells: Grid) -> Double? {
    guard min(cells.width, cells.height) >= fewestCells else { return nil }
    let octave = CellSpline(
      cells: Grid(width: cells.width / 2, height: cells.height / 2), factor: 2)
    let part = Grid(width: octave.width, height: octave.height)
    let sources = means.map { $0.cropped(from: cells.width, to: part) }
    let truth = reference.cropped(from: cells.width, to: part)
    let coarse = octave.means(truth)
    let missing = zip(truth, octave.enlarged(coarse)).map { $0 - $1 }
    let added = detail(coarse, sources, sources.map(octave.means), octave)
    func square(_ values: some Sequence<Float>) -> Double {
      values.reduce(0) { $0 + Double($1) * Double($1) }
    }
    return 1 - square(zip(missing, added).lazy.map { $0 - $1 }) / max(square(missing), .ulpOfOne)
  }
}

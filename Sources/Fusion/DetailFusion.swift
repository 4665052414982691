import Grids

/// Adds detail that an image shows to a coarse reference, whose means over its cells are kept.
///
/// Detail is what a source has below the size of the reference's cells: surfaces that are integrated from the brightness
/// of bands (`ShadingIntegrals`), or the heights of a network. How strongly each is added follows from the octave above,
/// where the reference shows the truth (`DetailGains`). Whether that carries over to the next octave is tested one octave
/// further up, where the answer is known: see `OctaveTest`.
public struct DetailFusion: Sendable {
  /// The heights, `[row, column]` of pixels.
  public let heights: [Float]
  /// The test of the detail; nil for too few cells.
  public let test: OctaveTest?
  /// The factor of all detail, 0…1; 0 leaves the enlarged reference.
  public let share: Double

  /// Fuses a reference with sources of detail.
  ///
  /// - Parameters:
  ///   - reference: The reference, `[row, column]` of cells, without missing values.
  ///   - sources: The surfaces of each source, `[row, column]` of pixels, without missing values; in any unit.
  ///   - spline: The cells and their size in pixels.
  public init(_ reference: [Float], with sources: [[Float]], on spline: CellSpline) {
    let base = spline.enlarged(reference)
    let means = sources.map(spline.means)
    test = OctaveTest(of: reference, with: means, on: spline.cells)
    share = test?.share ?? 0
    guard share > 0 else {
      heights = base
      return
    }
    let (factor, detail) = (Float(share), Self.detail(reference, sources, means, spline))
    heights = zip(base, detail).map { $0 + factor * $1 }
  }

  /// The detail to add: its mean over each cell is 0.
  static func detail(
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
}

import Grids

/// Adds detail that an image shows to a coarse reference in memory, whose means over its cells are kept.
///
/// Detail is what a source has below the size of the reference's cells: surfaces that are integrated from the brightness
/// of bands (`ShadingIntegrals`), or the heights of a network. `DetailStrength` decides how strongly each is added, and
/// `DetailSum` adds it.
public struct DetailFusion: Sendable {
  /// The heights, `[row, column]` of pixels.
  public let heights: [Float]
  /// The test of each source, in their order; none for too few cells.
  public let tests: [OctaveTest]

  /// Fuses a reference with sources of detail.
  ///
  /// - Parameters:
  ///   - reference: The reference, `[row, column]` of cells, without missing values.
  ///   - sources: The sources, with surfaces of pixels.
  ///   - spline: The cells and their size in pixels.
  public init(_ reference: [Float], with sources: [DetailSource], on spline: CellSpline) {
    let strength = DetailStrength(
      reference, from: sources.map { $0.map(spline.means) }, on: spline.cells)
    var sum = DetailSum(on: spline, GainLattice(strength.gains, over: strength.blocks.window))
    for (number, surface) in sources.flatMap(\.surfaces).enumerated() {
      sum.add(surface, of: number)
    }
    (heights, tests) = (sum.heights(reference), strength.tests)
  }
}

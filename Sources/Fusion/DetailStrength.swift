public import Grids

/// How strongly the detail of sources is to be added to a region of a reference, and what that does one octave up.
///
/// How strongly each surface is added follows from the octave above the cells, where the reference shows the truth
/// (`DetailGains`). A source only explains what those before it have left: sources that carry over best to finer detail
/// come first. Whether that holds is tested one octave further up, where the answer is known (`OctaveTest`).
public struct DetailStrength: Sendable {
  /// The test of each source, in their order; none for too few cells.
  public let tests: [OctaveTest]
  /// The gain of each surface, of all sources in their order, times the share of its source: `[surface][row, column]`
  /// of blocks.
  public let gains: [[Float]]
  /// The grid of the blocks, which have `GainLattice.blockSide` cells along each side.
  public let blocks: Grid

  /// Estimates the strength of sources.
  ///
  /// O(cells · surfaces²).
  ///
  /// - Parameters:
  ///   - reference: The reference, `[row, column]` of cells, without missing values.
  ///   - means: The sources, with surfaces of means over the cells.
  ///   - cells: The grid of the cells.
  public init(_ reference: [Float], from means: [DetailSource], on cells: Grid) {
    tests = OctaveTest.tests(of: reference, with: means, on: cells)
    guard tests.contains(where: { $0.share > 0 }) else {
      blocks = Grid(width: 1, height: 1)
      gains = means.flatMap { $0.surfaces.map { _ in [0] } }
      return
    }
    let series = DetailGains.series(reference, means, cells)
    blocks = series[0].blocks
    gains = zip(series, tests).flatMap { $0.times($1.share) }
  }
}

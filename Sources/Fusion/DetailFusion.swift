import Grids

/// Adds detail that an image shows to a coarse reference, whose means over its cells are kept.
///
/// Detail is what a source has below the size of the reference's cells: surfaces that are integrated from the brightness
/// of bands (`ShadingIntegrals`), or the heights of a network. How strongly each is added follows from the octave above,
/// where the reference shows the truth (`DetailGains`). A source only explains what those before it have left: sources
/// that carry over best to finer detail come first. Whether that holds is tested one octave further up, where the answer
/// is known (`OctaveTest`).
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
    let base = spline.enlarged(reference)
    let means = sources.map { $0.map(spline.means) }
    tests = OctaveTest.tests(of: reference, with: means, on: spline.cells)
    let shares = tests.map(\.share)
    guard shares.contains(where: { $0 > 0 }) else {
      heights = base
      return
    }
    var detail = [Float](repeating: 0, count: base.count)
    for (part, share) in zip(Self.details(reference, sources, means, spline), shares)
    where share > 0 {
      for pixel in detail.indices { detail[pixel] += Float(share) * part[pixel] }
    }
    heights = zip(base, spline.detail(detail)).map { $0 + $1 }
  }

  /// The detail of each source, of which the next ones explain the rest.
  static func details(
    _ reference: [Float], _ sources: [DetailSource], _ means: [DetailSource], _ spline: CellSpline
  ) -> [[Float]] {
    let octave = Octave(spline.cells)
    var missing = octave.detail(reference)
    return zip(sources, means).map { source, means in
      let known = means.surfaces.map(octave.detail)
      let gains = DetailGains(target: missing, sources: known, cells: octave.grid)
      var (sum, explained) = ([Float](repeating: 0, count: spline.width * spline.height), missing)
      for number in known.indices {
        let fine = zip(source.surfaces[number], spline.enlarged(means.surfaces[number])).map {
          $0 - $1
        }
        gains.add(fine, of: number, factor: spline.factor, width: spline.width, to: &sum)
        gains.add(
          known[number].map { -$0 }, of: number, factor: 1, width: octave.grid.width, to: &explained
        )
      }
      missing = explained
      return sum
    }
  }
}

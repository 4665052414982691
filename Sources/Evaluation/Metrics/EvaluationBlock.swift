import Grids
import Surfaces

/// A block of pixels with the reference, with which surfaces are compared.
struct EvaluationBlock: Sendable {
  let window: Window
  /// The window with the padding that filters need.
  let outer: Window
  /// The reference over `outer`, void where any surface is void.
  let truth: [Float]
  /// The high-pass filtered reference over `outer`.
  let fineTruth: [Float]
  /// The terrain classes of the block's pixels.
  let kinds: [Strata.Kind]
  /// The distance of each pixel of the block to the nearest tile edge.
  let distances: [Float]?
  /// The spacing of the rows and columns that are sampled.
  let step: Int
  /// The pixel size in meters; nil if unknown.
  let ground: (x: Double, y: Double)?

  /// Returns the block's pixels at multiples of `step`, with their indices in the block and in the padded block.
  func pixels(every step: Int) -> some Sequence<(inner: Int, outer: Int)> {
    window.rows.lazy.filter { $0 % step == 0 }.flatMap { row in
      window.columns.lazy.filter { $0 % step == 0 }.map { column in
        (
          inner: (row - window.row) * window.width + column - window.column,
          outer: (row - outer.row) * outer.width + column - outer.column
        )
      }
    }
  }

  /// Compares a surface with the reference in this block.
  ///
  /// - Parameters:
  ///   - heights: The heights over `outer`.
  ///   - fine: The high-pass filtered heights; nil for a plane, which has no detail.
  /// - Returns: The sums of this block only.
  func sums(of heights: [Float], fine: [Float]?) -> BlockPass.Found {
    var found = BlockPass.Found()
    var sums = BlockSums()
    sums.slopes.add(
      heights, truth, width: outer.width, inside: window.relative(to: outer),
      pixelWidth: ground?.x ?? 1, pixelHeight: ground?.y ?? 1)
    for row in window.rows {
      for column in window.columns {
        let i = (row - outer.row) * outer.width + column - outer.column
        let difference = heights[i] - truth[i]
        guard !difference.isNaN else { continue }
        let inner = (row - window.row) * window.width + column - window.column
        let isSampled = row % step == 0 && column % step == 0
        sums.differences.add(difference, isSampled: isSampled)
        if let fine { sums.fine.add(Double(fine[i]), Double(fineTruth[i])) }
        let kind = kinds[inner]
        found.strata[kind.cover.index].add(difference, isSampled: isSampled)
        if let slope = kind.slope {
          found.strata[slope.index].add(difference, isSampled: isSampled)
        }
        if let distance = distances?[inner], let bin = TileDistances.index(of: distance) {
          found.distances[bin].add(difference, isSampled: isSampled)
        }
      }
    }
    found.blocks = [sums]
    return found
  }
}

import Grids
import Surfaces

/// A block of ground with the reference on it, against which surfaces are held.
struct GroundBlock: Sendable {
  let window: Window
  /// With what is looked at around it.
  let outer: Window
  /// Of the surroundings, void where any surface is.
  let truth: [Float]
  let fineTruth: [Float]
  /// Of the block.
  let kinds: [Strata.Kind]
  let distances: [Float]?
  /// Every how many-th row and column of the whole is sampled.
  let step: Int
  let ground: (x: Double, y: Double)?

  /// The block's pixels at every so many-th row and column of the whole, with their places in block and surroundings.
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

  /// What one surface has to do with the reference here.
  ///
  /// - Parameters:
  ///   - heights: Of the surroundings.
  ///   - fine: What is left of them when broad forms are taken away; nil of a plane, which has no others.
  /// - Returns: The sums of this block alone.
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

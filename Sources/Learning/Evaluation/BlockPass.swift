import Grids
import Surfaces
import Synchronization
import Tensors

/// One look at all ground, block by block: what every surface has to do with the reference.
///
/// Memory is bounded by a block and what it looks at around it, and by the sample of differences; time by the number of
/// pixels. The same sums come out whatever the number of threads.
struct BlockPass {
  let grid: Grid
  /// Of a pixel, in metres; where nothing tells it slopes mean nothing, only which way they fall.
  let ground: (x: Double, y: Double)?
  let reference: any HeightSurface
  /// The first is the one whose pairs are kept for a chart.
  let surfaces: [any HeightSurface]
  let strata: Strata
  /// Of each pixel to the nearest tile edge; nil where nobody knows tiles.
  let distances: (any HeightSurface)?
  /// Takes broad forms away.
  let highPass: HighPass
  /// Pixels along the side of a block.
  let side: Int

  /// Every how many-th row and column a difference is kept: of at most so many pixels, each.
  private static let sampledPixels = 1 << 21
  private static let chartPoints = 1500

  /// What was found of one surface.
  struct Found: Sendable {
    var blocks: [BlockSums] = []
    /// By `Stratum.index`.
    var strata = [DifferenceSums](repeating: DifferenceSums(), count: Stratum.allCases.count)
    /// By `TileDistances.limits`.
    var distances = [DifferenceSums](
      repeating: DifferenceSums(), count: TileDistances.limits.count)
  }

  /// About 64 blocks where the ground is small, more where it is large.
  static func side(for grid: Grid) -> Int {
    min(512, max(16, Int((Double(grid.pixelCount) / 64).squareRoot())))
  }

  /// - Returns: What was found of each surface, and pairs of reference and first surface for a chart.
  func run(_ progress: (Double) -> Void) throws -> ([Found], [(x: Double, y: Double)]) {
    var found = surfaces.map { _ in Found() }
    var pairs: [(x: Double, y: Double)] = []
    let step = Self.step(grid.pixelCount, atMost: Self.sampledPixels)
    let pairStep = Self.step(grid.pixelCount, atMost: Self.chartPoints)
    let reach = highPass.reach
    let windows = grid.window.blocks(side: side)
    for (index, window) in windows.enumerated() {
      try Task.checkCancellation()
      let outer = window.padded(
        columns: max(reach.columns, 2), rows: max(reach.rows, 2), inside: grid.window)
      var truth = try reference.heights(in: outer)
      var heights = try surfaces.map { try $0.heights(in: outer) }
      // All are judged on the same pixels.
      for i in truth.indices where truth[i].isNaN || heights.contains(where: { $0[i].isNaN }) {
        truth[i] = .nan
        for surface in heights.indices { heights[surface][i] = .nan }
      }
      guard truth.contains(where: { !$0.isNaN }) else { continue }
      let kinds = try strata.find(truth, outer, window)
      let far = try distances?.heights(in: window)
      let block = GroundBlock(
        window: window, outer: outer, truth: truth,
        fineTruth: highPass.apply(truth, width: outer.width),
        kinds: kinds, distances: far, step: step, ground: ground, highPass: highPass)
      let parts = Mutex([Found?](repeating: nil, count: surfaces.count))
      let shared = heights
      parallel(surfaces.count) { surface in
        let part = block.sums(of: shared[surface])
        parts.withLock { $0[surface] = part }
      }
      for (surface, part) in parts.withLock({ $0 }).enumerated() {
        if let part { found[surface].add(part) }
      }
      if let first = heights.first {
        for pixel in block.pixels(every: pairStep) where !truth[pixel.outer].isNaN {
          pairs.append((Double(truth[pixel.outer]), Double(first[pixel.outer])))
        }
      }
      progress(Double(index + 1) / Double(windows.count))
    }
    return (found, pairs)
  }

  /// Steps along both axes that leave at most so many pixels.
  static func step(_ pixels: Int, atMost limit: Int) -> Int {
    max(1, Int((Double(pixels) / Double(limit)).squareRoot().rounded(.up)))
  }
}

extension BlockPass.Found {
  fileprivate mutating func add(_ part: Self) {
    blocks += part.blocks
    for stratum in strata.indices { strata[stratum] += part.strata[stratum] }
    for bin in distances.indices { distances[bin] += part.distances[bin] }
  }
}

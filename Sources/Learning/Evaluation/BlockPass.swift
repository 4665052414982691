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
  let reference: Subject
  /// The first is the one whose pairs are kept for a chart.
  let surfaces: [Subject]
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

  /// A surface, and the plane through it.
  struct Subject {
    let surface: any HeightSurface
    /// Taken off before broad forms are, so that the edge of the ground is none in a tilt.
    let plane: PlaneSurface
    /// Whether it is judged on the pixels that all unmoved surfaces have; a moved one loses some by itself.
    let isMoved: Bool
  }

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
      var truth = try reference.surface.heights(in: outer)
      var heights = try surfaces.map { try $0.surface.heights(in: outer) }
      voidWhereAnyIs(&truth, &heights)
      guard truth.contains(where: { !$0.isNaN }) else { continue }
      let block = GroundBlock(
        window: window, outer: outer, truth: truth,
        fineTruth: Self.fine(truth, reference.plane, outer, highPass),
        kinds: try strata.find(truth, outer, window), distances: try distances?.heights(in: window),
        step: step, ground: ground)
      let parts = Mutex([Found?](repeating: nil, count: surfaces.count))
      // A plane has no fine forms.
      let planes = surfaces.map { $0.surface is PlaneSurface ? nil : $0.plane }
      let (shared, highPass) = (heights, highPass)
      parallel(surfaces.count) { surface in
        let fine = planes[surface].map { Self.fine(shared[surface], $0, outer, highPass) }
        let part = block.sums(of: shared[surface], fine: fine)
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

  /// All unmoved surfaces are judged on the same pixels.
  private func voidWhereAnyIs(_ truth: inout [Float], _ heights: inout [[Float]]) {
    let unmoved = surfaces.indices.filter { !surfaces[$0].isMoved }
    for i in truth.indices
    where truth[i].isNaN || unmoved.contains(where: { heights[$0][i].isNaN }) {
      truth[i] = .nan
      for surface in heights.indices { heights[surface][i] = .nan }
    }
  }

  private static func fine(
    _ heights: [Float], _ plane: PlaneSurface, _ window: Window, _ highPass: HighPass
  ) -> [Float] {
    let flat = zip(heights, plane.heights(in: window)).map { $0 - $1 }
    return highPass.apply(flat, width: window.width)
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

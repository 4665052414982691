import Grids
import Surfaces
import Synchronization
import Tensors

/// One pass over the common grid, block by block, that compares every surface with the reference.
///
/// Memory is bounded by a padded block and the sample of differences; time is proportional to the number of pixels. The
/// result does not depend on the number of threads.
struct BlockPass {
  let grid: Grid
  /// The pixel size in meters; if it is unknown, only the signs of slopes are meaningful.
  let ground: (x: Double, y: Double)?
  let reference: Subject
  /// The surfaces to compare; pairs of the reference and the first one are kept for a chart.
  let surfaces: [Subject]
  let strata: Strata
  /// The distance of each pixel to the nearest tile edge; nil if the tiling is unknown.
  let distances: (any HeightSurface)?
  /// Removes terrain that is broader than the band of the correlation.
  let highPass: HighPass
  /// Pixels along the side of a block.
  let side: Int

  /// Differences are kept at evenly spaced rows and columns, at most this many pixels per surface.
  private static let sampledPixels = 1 << 21
  private static let chartPoints = 1500

  /// A surface and its least-squares plane.
  struct Subject {
    let surface: any HeightSurface
    /// Subtracted before the high-pass filter, so that a tilt creates no edge effects.
    let plane: PlaneSurface
    /// Whether the surface is coregistered; such a surface does not void pixels of the others.
    let isMoved: Bool
  }

  /// The sums of one surface.
  struct Found: Sendable {
    var blocks: [BlockSums] = []
    /// Sums by `Stratum.index`.
    var strata = [DifferenceSums](repeating: DifferenceSums(), count: Stratum.allCases.count)
    /// Sums by index in `TileDistances.limits`.
    var distances = [DifferenceSums](
      repeating: DifferenceSums(), count: TileDistances.limits.count)
  }

  /// Returns the side of a block: about 64 blocks for small grids, more for large ones.
  static func side(for grid: Grid) -> Int {
    min(512, max(16, Int((Double(grid.pixelCount) / 64).squareRoot())))
  }

  /// Runs the pass.
  ///
  /// - Parameter progress: Called with the completed fraction, 0…1.
  /// - Returns: The sums of each surface, and pairs of the reference and the first surface for a chart.
  /// - Throws: `RasterError` if reading fails, `CancellationError`.
  func run(_ progress: (Double) -> Void) throws -> ([Found], [(x: Double, y: Double)]) {
    var found = surfaces.map { _ in Found() }
    var pairs: [(x: Double, y: Double)] = []
    let step = Self.step(grid.pixelCount, atMost: Self.sampledPixels)
    let pairStep = Self.step(grid.pixelCount, atMost: Self.chartPoints)
    let reach = highPass.reach
    let windows = grid.window.blocks(side: side)
    for (index, window) in windows.enumerated() {
      try Task.checkCancellation()
      let outer = window.padded(columns: max(reach.columns, 2), rows: max(reach.rows, 2))
        .intersection(grid.window)
      var truth = try reference.surface.heights(in: outer)
      var heights = try surfaces.map { try $0.surface.heights(in: outer) }
      voidWhereAnyIs(&truth, &heights)
      guard truth.contains(where: { !$0.isNaN }) else { continue }
      let block = EvaluationBlock(
        window: window, outer: outer, truth: truth,
        fineTruth: Self.fine(truth, reference.plane, outer, highPass),
        kinds: try strata.find(truth, outer, window), distances: try distances?.heights(in: window),
        step: step, ground: ground)
      let parts = Mutex([Found?](repeating: nil, count: surfaces.count))
      // A plane has no detail.
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

  /// Voids every pixel where the reference or any surface that is not coregistered has no height.
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

  /// Returns the spacing of rows and columns that leaves at most `limit` pixels.
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

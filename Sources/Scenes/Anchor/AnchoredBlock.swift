import Fusion
import Grids
import Surfaces

/// Sharpens a block of cells.
struct AnchoredBlock: Sendable {
  let context: RunContext
  let anchor: AnchorPlan
  let surfaces: BlockSurfaces

  /// Returns the heights of a block in meters and their classes, `[row, column]` of the area's pixels; NaN where the
  /// reference has none.
  func heights(of block: TileIndex) async throws -> ([Float], [HeightClass]) {
    let (lattice, cells) = (anchor.lattice, anchor.cells(ofBlock: block))
    let stored = StoredCells(anchor: anchor, store: context.store)
    let wide = lattice.around(cells, by: AnchorPlan.splineHalo)
    let reference = try stored.planes(0..<1, in: wide)[0]
    let wideCells = Grid(width: wide.width, height: wide.height)
    let level = LevelCells(reference, on: wideCells)
    let base = CellSpline(cells: wideCells, factor: lattice.factor)
      .enlarged(Resampling.filled(reference, on: wideCells))
    let (pixels, widePixels) = (lattice.pixels(of: cells), lattice.pixels(of: wide))
    let window = AnchorStage.window(of: block, in: context.plan.area, anchor)
    var heights = base.cropped(to: window, from: widePixels)
    let detail = try await detail(around: cells)?.cropped(to: window, from: pixels)
    var classes = [HeightClass](repeating: .reference, count: heights.count)
    for pixel in heights.indices {
      let (row, column) = pixel.quotientAndRemainder(dividingBy: window.width)
      let cell =
        ((row + window.row - widePixels.row) / lattice.factor) * wide.width
        + (column + window.column - widePixels.column) / lattice.factor
      if reference[cell].isNaN || level.isLevel[cell] {
        heights[pixel] = reference[cell]
      } else if let detail, detail[pixel] != 0 {
        heights[pixel] += detail[pixel]
        classes[pixel] = .model
      }
    }
    return (heights, classes)
  }

  /// The detail of a block, `[row, column]` of its pixels; nil if nothing is added.
  private func detail(around cells: Window) async throws -> [Float]? {
    guard anchor.hasDetail else { return nil }
    let around = anchor.lattice.around(cells, by: AnchorPlan.halo)
    let gains = try StoredGains(anchor: anchor, store: context.store).lattice(around: around)
    let spline = CellSpline(
      cells: Grid(width: around.width, height: around.height), factor: anchor.lattice.factor)
    var sum = DetailSum(on: spline, gains)
    guard (0..<anchor.surfaceCount).contains(where: sum.uses) else { return nil }
    let used = Set((0..<anchor.surfaceCount).filter(sum.uses))
    try await surfaces.forEach(of: around, where: used.contains) { number, surface in
      sum.add(surface, of: number)
    }
    return sum.detail.cropped(
      to: anchor.lattice.pixels(of: cells), from: anchor.lattice.pixels(of: around))
  }
}

/// The cells of a reference that are level, such as lakes and the sea: each is one of three by three equal cells.
struct LevelCells {
  /// Whether each cell is level, `[row, column]`.
  let isLevel: [Bool]

  /// The greatest difference of equal heights, in meters: that of rounding, when a datum is changed.
  private static let tolerance: Float = 0.005

  init(_ heights: [Float], on cells: Grid) {
    var isLevel = [Bool](repeating: false, count: heights.count)
    for row in 1..<max(1, cells.height - 1) {
      for column in 1..<max(1, cells.width - 1) {
        let middle = heights[row * cells.width + column]
        let around = (-1...1).flatMap { down in
          (-1...1).map { (row + down) * cells.width + column + $0 }
        }
        // NaN is never equal.
        guard around.allSatisfy({ abs(heights[$0] - middle) <= Self.tolerance }) else { continue }
        for cell in around { isLevel[cell] = true }
      }
    }
    self.isLevel = isLevel
  }
}

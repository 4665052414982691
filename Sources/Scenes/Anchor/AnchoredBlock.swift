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
    let level = LevelCells(reference, on: wideCells, radius: anchor.levelRadius)
    let base = CellSpline(cells: wideCells, factor: lattice.factor)
      .enlarged(Resampling.filled(reference.continued(on: wideCells), on: wideCells))
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

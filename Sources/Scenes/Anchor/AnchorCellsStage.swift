import Fusion
import Grids
import Rasters

/// The heights of the reference on the cells, and the means over the cells of each surface that shows detail.
///
/// A task is a block of cells. Its result has the reference's heights in meters, `[row, column]`, NaN where there are
/// none, and then the means of each surface alike.
struct AnchorCellsStage: Stage {
  let anchor: AnchorPlan
  let name = StageName.anchorCells
  let inputs: [StageName]
  let tasks: [TileIndex]
  let result: StageResult
  let load: StageLoad

  init(_ plan: ScenePlan, _ anchor: AnchorPlan) {
    self.anchor = anchor
    inputs = anchor.hasDetail ? plan.heightStages : []
    tasks = anchor.blocks.tiles(overlapping: anchor.blocks.scene)
    result = .values((1 + anchor.surfaceCount) * anchor.blocks.tilePixelCount)
    load = .block(bytes: anchor.blockBytes)
  }

  func work(in context: RunContext) throws -> StageWork {
    let surfaces = try BlockSurfaces(context, anchor)
    let (scene, reference) = (context.scene, context.requireReference())
    guard let crs = scene.information.georeferencing.crs else {
      preconditionFailure("an anchored scene has a CRS")
    }
    let (lattice, blocks) = (anchor.lattice, anchor.blocks)
    return { [anchor] block, _ in
      let cells = anchor.cells(ofBlock: block)
      let heights = try await reference.heights(
        of: lattice.grid(of: cells, on: scene.grid), in: crs,
        size: lattice.isAligned ? nil : anchor.cellSize)
      let around = lattice.around(cells, by: AnchorPlan.halo)
      let means = try await surfaces.means(over: around)
      let planes = [heights] + means.map { $0.cropped(to: cells, from: around) }
      return .values(
        planes.flatMap { $0.extended(cells, to: blocks.window(of: block)) }, spread: nil)
    }
  }
}

/// What `AnchorCellsStage` stored, window by window.
struct StoredCells: Sendable {
  let anchor: AnchorPlan
  let store: RunStore

  /// Returns some of the planes of a window of cells, `[plane][row, column]`: the reference, and then each surface.
  func planes(_ numbers: Range<Int>, in window: Window) throws -> [[Float]] {
    var result = [[Float]](
      repeating: Array(repeating: .nan, count: window.pixelCount), count: numbers.count)
    let blocks = anchor.blocks
    for block in blocks.tiles(overlapping: window) {
      let values = try store.values(of: block, in: .anchorCells)
      let whole = blocks.window(of: block)
      let shared = whole.intersection(window)
      for (plane, number) in numbers.enumerated() {
        for row in shared.rows {
          let from =
            number * whole.pixelCount + (row - whole.row) * whole.width + shared.column
            - whole.column
          let to = (row - window.row) * window.width + shared.column - window.column
          result[plane].replaceSubrange(
            to..<to + shared.width, with: values[from..<from + shared.width])
        }
      }
    }
    return result
  }
}

extension [Float] {
  /// Returns a window whose upper left part this is, with NaN elsewhere.
  fileprivate func extended(_ part: Window, to whole: Window) -> [Float] {
    guard part != whole else { return self }
    let beyond = [Float](repeating: .nan, count: whole.width - part.width)
    let lines = stride(from: 0, to: count, by: part.width).flatMap {
      self[$0..<$0 + part.width] + beyond
    }
    return lines + [Float](repeating: .nan, count: whole.pixelCount - lines.count)
  }
}

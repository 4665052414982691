import Fusion
import Grids
import Surfaces

/// The surfaces that show detail, computed from the pixels of a scene and the heights of its tiles, block by block.
struct BlockSurfaces: Sendable {
  private let context: RunContext
  private let anchor: AnchorPlan
  private let heights: BlendedHeights

  /// Reads what all blocks have in common.
  init(_ context: RunContext, _ anchor: AnchorPlan) throws {
    (self.context, self.anchor) = (context, anchor)
    heights = try BlendedHeights(context)
  }

  /// Calls `body` with surfaces of a window of cells, `[row, column]` of pixels, in the order of their numbers.
  ///
  /// - Parameters:
  ///   - cells: The cells.
  ///   - isWanted: Whether a surface is needed.
  ///   - body: Receives the number of a surface and the surface.
  /// - Throws: The errors of reading the scene and the tiles.
  func forEach(
    of cells: Window, where isWanted: (Int) -> Bool, _ body: (Int, [Float]) -> Void
  ) async throws {
    guard anchor.hasDetail else { return }
    let window = anchor.lattice.pixels(of: cells)
    if (0..<networkNumber).contains(where: isWanted) {
      let bands = try await bands(in: window)
      shading(
        bands, on: Grid(width: window.width, height: window.height),
        pixelsPerCell: anchor.lattice.factor, where: isWanted, body)
    }
    if isWanted(networkNumber) { body(networkNumber, try smoothHeights(in: window)) }
  }

  /// Returns the means over cells of all surfaces, `[surface][row, column]`.
  ///
  /// What is much finer than cells does not matter for their means: brightness is averaged first.
  func means(over cells: Window) async throws -> [[Float]] {
    guard anchor.hasDetail else { return [] }
    let (factor, detail) = (anchor.lattice.factor, anchor.lattice.pixelsPerSurveyedCell)
    let window = anchor.lattice.pixels(of: cells)
    let size = Grid(width: cells.width, height: cells.height)
    var bands = try await bands(in: window)
    let spline = CellSpline(cells: size, factor: detail)
    if detail < factor {
      let reduction = Resampling(
        from: Grid(width: window.width, height: window.height), to: spline.grid)
      bands = bands.map { reduction.apply($0, to: spline.grid.window) }
    }
    var means: [[Float]] = []
    // Integrals are proportional to the size of the pixels.
    let scale = Float(factor) / Float(detail)
    shading(bands, on: spline.grid, pixelsPerCell: detail, where: { _ in true }) { _, surface in
      means.append(spline.means(surface).map { scale * $0 })
    }
    means.append(
      CellSpline(cells: size, factor: factor).means(try smoothHeights(in: window)))
    return means
  }

  /// The number of the network's surface.
  private var networkNumber: Int { anchor.bands.count * anchor.surfacesPerBand }

  private func bands(in window: Window) async throws -> [[Float]] {
    let samples = try await context.scene.samples(window, bands: anchor.bands.map(\.band))
    try Task.checkCancellation()
    return anchor.bands.values(of: samples)
  }

  /// Calls `body` with the integrals of bands, whose pixels may be larger than those of the scene.
  private func shading(
    _ bands: [[Float]], on grid: Grid, pixelsPerCell: Int, where isWanted: (Int) -> Bool,
    _ body: (Int, [Float]) -> Void
  ) {
    let integrals = ShadingIntegrals(
      grid, sun: anchor.survey.light, aspect: anchor.aspect,
      reach: Float(AnchorPlan.reach) * Float(pixelsPerCell),
      smoothing: ShadingIntegrals.smoothing * Float(pixelsPerCell) / Float(anchor.lattice.factor))
    for (band, brightness) in bands.enumerated() {
      let first = band * integrals.count
      guard (first..<first + integrals.count).contains(where: isWanted) else { continue }
      let surfaces = integrals.surfaces(of: Resampling.filled(brightness, on: grid))
      for (number, surface) in surfaces.enumerated() where isWanted(first + number) {
        body(first + number, surface)
      }
    }
  }

  /// The heights of the tiles, without what is finer than the network knows and beyond the scene's edges continued.
  private func smoothHeights(in window: Window) throws -> [Float] {
    let inside = window.intersection(context.plan.sceneGrid.window)
    let values = try heights.values(in: inside)
    let grid = Grid(width: inside.width, height: inside.height)
    let known = Resampling.filled(values, on: grid)
    let filter = HighPass(
      wavelengthInColumns: anchor.networkWavelength, rows: anchor.networkWavelength)
    let smooth = zip(known, filter.apply(known, width: grid.width)).map { $0 - $1 }
    guard inside != window else { return smooth }
    return window.rows.flatMap { row in
      let start = min(max(row - inside.row, 0), inside.height - 1) * inside.width
      return window.columns.map {
        smooth[start + min(max($0 - inside.column, 0), inside.width - 1)]
      }
    }
  }
}

import Grids
import Surfaces
import Tensors

/// The heights of a run's tiles, blended and brought to the scene's own pixels, window by window.
struct BlendedHeights: Sendable {
  let mosaic: TileMosaic
  let resampling: Resampling
  private let plan: ScenePlan

  /// Reads what all windows have in common.
  init(_ context: RunContext) throws {
    plan = context.plan
    mosaic = TileMosaic(
      level: plan.working, stage: plan.outputStage, store: context.store,
      calibrations: plan.refinement == nil ? try context.store.calibrations() : nil)
    resampling = Resampling(from: plan.working.lattice, to: plan.turnedGrid)
  }

  /// The window of the turned scene, and that of the lattice of the tiles, on which a window of the scene depends.
  func windows(for window: Window) -> (turned: Window, tiles: Window) {
    let turned = plan.turn.target(of: window, in: plan.sceneGrid)
    return (turned, resampling.isIdentity ? turned : resampling.sourceWindow(for: turned))
  }

  /// Returns the heights of a window of the scene, `[row, column]`, larger values higher, NaN where there is none.
  func values(in window: Window) throws -> [Float] {
    scene(try mosaic.values(in: windows(for: window).tiles), of: window)
  }

  /// Returns blended values of the lattice on a window of the scene.
  func scene(_ values: [Float], of window: Window) -> [Float] {
    let turned = windows(for: window).turned
    let fine = resampling.isIdentity ? values : resampling.apply(values, to: turned)
    return plan.turn.inverse.turned(fine, of: turned)
  }
}

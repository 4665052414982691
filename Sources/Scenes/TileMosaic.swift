import Grids
import Surfaces

/// The blended surface of a level, made window by window from the tiles in the store.
struct TileMosaic {
  let level: ScenePlan.Level
  let stage: Stage
  let store: any TileStore
  /// How each tile comes onto the common ruler, those without a way left out; nil takes all as they are.
  let fits: [TileIndex: AffineFit]?

  /// Blended values of a window as [row, column], NaN where no finished tile has one.
  ///
  /// Tiles are added in their order, whatever the order in which they were finished.
  func values(in window: Window) throws -> [Float] {
    var mosaic = Mosaic(over: window, feather: Feather(level.tiles))
    for tile in level.tiles.tiles(overlapping: window) {
      guard try store.state(of: tile, in: stage) == .done,
        let fit = fits == nil ? .identity : fits?[tile]
      else { continue }
      mosaic.add(
        try store.values(of: tile, in: stage), of: tile,
        scale: Float(fit.scale), shift: Float(fit.shift))
    }
    return mosaic.finish()
  }
}

import Grids
import Surfaces

/// The blended surface of a level, made window by window from the tiles in the store.
struct TileMosaic {
  let level: ScenePlan.Level
  let stage: Stage
  let store: any TileStore
  /// How each tile comes onto the common ruler, those without a way left out; nil takes all as they are.
  let rulers: [TileIndex: TileAlignment.Ruler]?

  /// Blended values of a window as [row, column], NaN where no finished tile has one.
  ///
  /// Tiles are added in their order, whatever the order in which they were finished.
  func values(in window: Window) throws -> [Float] {
    var mosaic = Mosaic(over: window, feather: Feather(level.tiles))
    for tile in level.tiles.tiles(overlapping: window) {
      guard try store.state(of: tile, in: stage) == .done,
        let ruler = rulers == nil ? .identity : rulers?[tile]
      else { continue }
      mosaic.add(
        try store.values(of: tile, in: stage), of: tile,
        scale: Float(ruler.scale), shift: Float(ruler.shift))
    }
    return mosaic.finish()
  }
}

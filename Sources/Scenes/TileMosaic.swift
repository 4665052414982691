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
    for (tile, ruler) in try tiles(in: window) {
      mosaic.add(
        try store.values(of: tile, in: stage), of: tile,
        scale: Float(ruler.scale), shift: Float(ruler.shift))
    }
    return mosaic.finish()
  }

  /// The same values, and what their tiles say beside.
  ///
  /// - Parameters:
  ///   - window: As for `values`.
  ///   - flat: The tiles that have no scale of their own.
  ///   - hasSpreads: Whether spreads were kept with the tiles.
  /// - Returns: Both on the level's lattice.
  /// - Throws: `SceneError` where a tile cannot be read.
  func confidence(
    in window: Window, flat: Set<TileIndex>, hasSpreads: Bool
  ) throws -> (values: [Float], MosaicConfidence) {
    let feather = Feather(level.tiles)
    var mosaic = Mosaic(over: window, feather: feather)
    var confidence = MosaicConfidence(over: window, feather: feather, hasSpreads: hasSpreads)
    for (tile, ruler) in try tiles(in: window) {
      let values = try store.values(of: tile, in: stage)
      let (scale, shift) = (Float(ruler.scale), Float(ruler.shift))
      mosaic.add(values, of: tile, scale: scale, shift: shift)
      confidence.add(
        values, spread: hasSpreads ? try store.spread(of: tile, in: stage) : nil,
        isFlat: flat.contains(tile), of: tile, scale: scale, shift: shift)
    }
    return (mosaic.finish(), confidence)
  }

  /// The finished tiles that see any pixel of a window and have a ruler, in their order.
  private func tiles(in window: Window) throws -> [(TileIndex, TileAlignment.Ruler)] {
    try level.tiles.tiles(overlapping: window).compactMap { tile in
      guard try store.state(of: tile, in: stage) == .done,
        let ruler = rulers == nil ? .identity : rulers?[tile]
      else { return nil }
      return (tile, ruler)
    }
  }
}

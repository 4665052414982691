import Grids
import Surfaces

/// The blended surface of a level, computed window by window from the stored tiles.
struct TileMosaic: Sendable {
  let level: ScenePlan.Level
  let stage: StageName
  let store: RunStore
  /// The calibration of each tile; tiles without one are left out; nil uses all tiles uncalibrated.
  let calibrations: [TileIndex: TileAlignment.Calibration]?

  /// Returns the blended values of a window as `[row, column]`, NaN where no finished tile has a value.
  ///
  /// Tiles are added in their fixed order, regardless of the order in which they were finished.
  func values(in window: Window) throws -> [Float] {
    var mosaic = Mosaic(over: window, feather: Feather(level.tiles))
    for (tile, calibration) in try tiles(in: window) {
      mosaic.add(
        try store.values(of: tile, in: stage), of: tile,
        scale: Float(calibration.scale), shift: Float(calibration.shift))
    }
    return mosaic.finish()
  }

  /// Returns the blended values and their confidence.
  ///
  /// - Parameters:
  ///   - window: The window, as for `values`.
  ///   - flat: Tells which tiles are flat.
  ///   - hasSpreads: Whether ensemble spreads were stored with the tiles.
  /// - Returns: The values and their confidence, both on the level's lattice.
  /// - Throws: `SceneError` if a tile cannot be read.
  func confidence(
    in window: Window, flat: FlatTiles, hasSpreads: Bool
  ) throws -> (values: [Float], MosaicConfidence) {
    let feather = Feather(level.tiles)
    var mosaic = Mosaic(over: window, feather: feather)
    var confidence = MosaicConfidence(over: window, feather: feather, hasSpreads: hasSpreads)
    for (tile, calibration) in try tiles(in: window) {
      let values = try store.values(of: tile, in: stage)
      let (scale, shift) = (Float(calibration.scale), Float(calibration.shift))
      mosaic.add(values, of: tile, scale: scale, shift: shift)
      confidence.add(
        values, spread: hasSpreads ? try store.spread(of: tile, in: stage) : nil,
        isFlat: try flat.contains(tile), of: tile, scale: scale, shift: shift)
    }
    return (mosaic.finish(), confidence)
  }

  /// Returns the finished and calibrated tiles that overlap a window, in their fixed order.
  private func tiles(in window: Window) throws -> [(TileIndex, TileAlignment.Calibration)] {
    try level.tiles.tiles(overlapping: window).compactMap { tile in
      guard try store.state(of: tile, in: stage) == .done,
        let calibration = calibrations == nil ? .identity : calibrations?[tile]
      else { return nil }
      return (tile, calibration)
    }
  }
}

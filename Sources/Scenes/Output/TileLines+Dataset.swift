package import Grids
package import Rasters

extension TileLines {
  /// Creates the lines of a raster with the given tiling or, if it is nil, with the tiling in the raster's tags.
  ///
  /// Returns nil if there is neither.
  ///
  /// - Throws: `SceneError` if the tags are inconsistent.
  package init?(of dataset: borrowing Dataset, tiling: SeamAudit.Tiling?) throws {
    let whole = dataset.grid.window
    if let tiling {
      let tiles = TileGrid(
        width: whole.width, height: whole.height, tileWidth: tiling.size, tileHeight: tiling.size,
        overlap: tiling.overlap)
      self.init(tiles, on: Grid(width: whole.width, height: whole.height), over: whole)
    } else {
      guard
        let tags = try TileTags(
          dataset.metadata(), width: whole.width, height: whole.height, path: dataset.path)
      else { return nil }
      self = tags.lines
    }
  }
}

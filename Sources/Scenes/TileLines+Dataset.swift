package import Grids
package import Rasters

extension TileLines {
  /// The lines of a raster: by the tiling given, else by the one that its tags tell; nil where neither does.
  ///
  /// - Throws: `SceneError` where tags tell what can't be.
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

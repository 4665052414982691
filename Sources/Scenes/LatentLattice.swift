import DepthModels
public import Grids

/// The cells of the refiner's latent maps, on which tiles that are refined side by side agree.
public struct LatentLattice: Hashable, Sendable, Codable {
  /// The tiles of the working level, in cells.
  public let tiles: TileGrid
  /// A tile's latent maps in cells, with the padding that the network takes beyond the tile.
  public let rows: Int
  public let columns: Int
  public let coarseChannels: Int
  public let imageChannels: Int
  /// Steps of refining.
  public let steps: Int

  /// - Throws: `SceneError` if tiles do not begin and end on the boundaries of cells.
  init(
    under working: TileGrid, of refiner: any SteppedRefiner, _ options: RefineOptions
  ) throws {
    let reduction = refiner.reduction
    for (name, extent) in [
      ("tile of width", working.tileWidth), ("tile of height", working.tileHeight),
      ("overlap of", working.overlap),
    ] where extent % reduction != 0 {
      throw SceneError(
        .usage,
        "a \(name) \(extent) pixels, expected a multiple of \(reduction), the cells on which tiles agree"
      )
    }
    func extent(_ count: Int, _ tile: Int) -> Int {
      ((count - 1) * (tile - working.overlap) + tile) / reduction
    }
    tiles = TileGrid(
      width: extent(working.columns, working.tileWidth),
      height: extent(working.rows, working.tileHeight),
      tileWidth: working.tileWidth / reduction, tileHeight: working.tileHeight / reduction,
      overlap: working.overlap / reduction)
    (rows, columns) = refiner.latentSize(rows: working.tileHeight, columns: working.tileWidth)
    (coarseChannels, imageChannels) = (refiner.coarseChannels, refiner.imageChannels)
    steps = refiner.schedule(options).count
  }

  /// Numbers that are kept of a tile before its first step: both latent maps, and the range of its crop.
  var conditionCount: Int { rows * columns * (coarseChannels + imageChannels) + 1 }
  /// Numbers that are kept of each step.
  var detailCount: Int { rows * columns * coarseChannels }
}

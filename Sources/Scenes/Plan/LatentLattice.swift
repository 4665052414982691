import TileModels
public import Grids

/// The grid of the refiner's latent cells, on which jointly refined tiles are blended.
public struct LatentLattice: Hashable, Sendable, Codable {
  /// The tile grid of the working level, in cells.
  public let tiles: TileGrid
  /// The rows of a tile's latent maps, including the padding that the network requires.
  public let rows: Int
  /// The columns of a tile's latent maps, including the padding.
  public let columns: Int
  /// The channels of the coarse latent.
  public let coarseChannels: Int
  /// The channels of the image latent.
  public let imageChannels: Int
  /// The number of refinement steps.
  public let steps: Int

  /// Creates the grid of latent cells under a tile grid.
  ///
  /// - Throws: `SceneError` if tiles do not begin and end on cell boundaries.
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
        "a \(name) \(extent) pixels, expected a multiple of \(reduction) with --joint, the size of its cells"
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

  /// The number of values stored for a tile's conditions: both latent maps, and the range of its crop.
  var conditionCount: Int { rows * columns * (coarseChannels + imageChannels) + 1 }
  /// The number of values stored for each step of a tile.
  var detailCount: Int { rows * columns * coarseChannels }
}

import DepthModels
import Grids
import Surfaces

/// The one coarse surface that all tiles together make, as a tile of the refining half sees it.
struct CoarseSurface {
  let plan: ScenePlan
  let store: any TileStore
  /// How each tile comes onto the common ruler.
  let rulers: [TileIndex: TileAlignment.Ruler]
  let model: any TileModel

  /// Heights under a tile, and the range by which they are brought to 0…1.
  struct Crop {
    /// [row, column] of the whole tile, gaps closed and mirrored beyond the scene's edges, so without NaN.
    let heights: [Float]
    let lowest: Float
    let range: Float
    /// Whether the surface shows no relief that can be told from nothing: it is too flat to fill the range, or the
    /// network's own heights are.
    let isFlat: Bool
  }

  /// The surface under a tile, drawn from its neighbours too; the tile's own heights alone where every tile has
  /// a ruler of its own.
  func crop(under tile: TileIndex) throws -> Crop {
    let tiles = plan.working.tiles
    let window = tiles.window(of: tile)
    let inside = window.intersection(tiles.scene)
    let known =
      plan.normalization == .perTile
      ? try values(of: tile, in: inside)
      : try TileMosaic(level: plan.working, stage: .coarse, store: store, rulers: rulers)
        .values(in: inside)
    let (lowest, highest) = known.finiteRange
    let closed = Resampling.filled(known, on: Grid(width: inside.width, height: inside.height))
    let columns = window.columns.map { mirrored($0 - inside.column, within: inside.width) }
    let heights = window.rows.flatMap { row in
      let start = mirrored(row - inside.row, within: inside.height) * inside.width
      return columns.map { closed[start + $0] }
    }
    let (own, least) = (highest - lowest, try leastRange(under: tile))
    // About the middle, where the tile alone is too flat to fill the range.
    return own >= least
      ? Crop(heights: heights, lowest: lowest, range: own, isFlat: try isLevel(tile))
      : Crop(heights: heights, lowest: (lowest + highest - least) / 2, range: least, isFlat: true)
  }

  /// The share of the relief of the land that the network was trained on which a tile without surroundings must show, as the
  /// network gives it, from the 5th to the 95th percentile of its pixels.
  ///
  /// The network brings the lowest and the highest of land with relief to 0 and 1, and gives less where it sees none: of the
  /// held-out scenes of one tile the level one has 0.09, the others 0.39 and more.
  private static let leastOfTraining: Float = 0.1

  private func isLevel(_ tile: TileIndex) throws -> Bool {
    guard plan.overview == nil, let trained = model.reliefRange else { return false }
    let known = try store.values(of: tile, in: .coarse).filter { !$0.isNaN }.sorted()
    guard let last = known.indices.last else { return true }
    return known[last * 95 / 100] - known[last * 5 / 100] < Self.leastOfTraining * trained
  }

  /// The share of its surroundings' range that a tile must have to be seen at full contrast.
  ///
  /// Below, what it shows is less than the error of any network on those surroundings: the sea, stretched to
  /// full contrast, would be taken for mountains.
  private static let leastShare: Float = 0.05

  private func leastRange(under tile: TileIndex) throws -> Float {
    guard let overview = plan.overview, plan.normalization == .scene else { return 0 }
    let inside = plan.working.tiles.window(of: tile).intersection(plan.working.tiles.scene)
    let below = Resampling(from: overview.lattice, to: plan.working.lattice)
      .sourceWindow(for: inside)
    return try overview.tiles.tiles(overlapping: below).reduce(0) { widest, tile in
      guard try store.state(of: tile, in: .overview) == .done else { return widest }
      let (lowest, highest) = try store.values(of: tile, in: .overview).finiteRange
      return max(widest, Self.leastShare * (highest - lowest))
    }
  }

  /// A tile's own heights in the part of it that is asked for.
  private func values(of tile: TileIndex, in part: Window) throws -> [Float] {
    let window = plan.working.tiles.window(of: tile)
    let values = try store.values(of: tile, in: .coarse)
    return part.rows.flatMap { row in
      let start = (row - window.row) * window.width - window.column
      return values[start + part.column..<start + part.columns.upperBound]
    }
  }
}

extension [Float] {
  /// The least and the greatest that is not NaN; zeros where there is none.
  package var finiteRange: (lowest: Float, highest: Float) {
    var (lowest, highest) = (Float.infinity, -Float.infinity)
    for value in self where !value.isNaN {
      lowest = Swift.min(lowest, value)
      highest = Swift.max(highest, value)
    }
    return lowest <= highest ? (lowest, highest) : (0, 0)
  }
}

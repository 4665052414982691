import TileModels
import Grids
import Surfaces

/// The coarse surface blended from all tiles, cropped to one tile as the input of the refiner.
struct CoarseSurface: Sendable {
  let plan: ScenePlan
  let store: RunStore
  /// The calibration of each tile.
  let calibrations: [TileIndex: TileAlignment.Calibration]
  let model: any TileModel
  /// The height range of each overview tile; empty without an overview.
  private let overviewRanges: [TileIndex: Float]

  /// Reads the calibrations, and what is known about the overview's tiles.
  init(_ context: RunContext) throws {
    (plan, store, model) = (context.plan, context.store, context.model)
    calibrations = try store.calibrations()
    guard let overview = plan.overview else {
      overviewRanges = [:]
      return
    }
    let ranges = try store.fits(of: overview, in: .overviewOverlaps).map {
      $0.range.map { $0.highest - $0.lowest }
    }
    overviewRanges = Dictionary(
      uniqueKeysWithValues: zip(overview.wanted, ranges).compactMap { tile, range in
        range.map { (tile, $0) }
      })
  }

  /// Heights under a tile, and the range that normalizes them to 0…1.
  struct Crop {
    /// `[row, column]` of the whole tile without NaN: gaps are filled, and pixels beyond the scene's edges mirrored.
    let heights: [Float]
    /// The height that maps to 0.
    let lowest: Float
    /// The height difference that maps to 1.
    let range: Float
    /// Whether the relief is too small to be significant: the surface does not fill the range, or the network's own
    /// heights are too flat.
    let isFlat: Bool
  }

  /// The surface under a tile, blended with its neighbors; only the tile's own heights with per-tile normalization.
  func crop(under tile: TileIndex) throws -> Crop {
    let tiles = plan.working.tiles
    let window = tiles.window(of: tile)
    let inside = window.intersection(tiles.scene)
    let known =
      plan.normalization == .perTile
      ? try values(of: tile, in: inside)
      : try TileMosaic(
        level: plan.working, stage: .coarse, store: store, calibrations: calibrations
      )
      .values(in: inside)
    let (lowest, highest) = known.finiteRange
    let filled = Resampling.filled(known, on: Grid(width: inside.width, height: inside.height))
    let columns = window.columns.map { mirrored($0 - inside.column, within: inside.width) }
    let heights = window.rows.flatMap { row in
      let start = mirrored(row - inside.row, within: inside.height) * inside.width
      return columns.map { filled[start + $0] }
    }
    let (own, minimum) = (highest - lowest, minimumRange(under: tile))
    // A tile that is too flat for the minimum range is centered in that range.
    return own >= minimum
      ? Crop(heights: heights, lowest: lowest, range: own, isFlat: try isFlatAlone(tile))
      : Crop(
        heights: heights, lowest: (lowest + highest - minimum) / 2, range: minimum, isFlat: true)
  }

  /// The minimum relief of a tile without surroundings, as a fraction of the relief of the training terrain.
  ///
  /// The relief is the network's output from the 5th to the 95th percentile of the tile's pixels. For terrain with
  /// relief, the network maps the lowest and the highest point to 0 and 1; for flat terrain its range is smaller. Among
  /// the held-out scenes of one tile, the flat one has 0.09 and the others 0.39 or more.
  private static let minimumFractionOfTraining: Float = 0.1

  /// Whether the tile of a scene without an overview has less relief than the training terrain requires.
  private func isFlatAlone(_ tile: TileIndex) throws -> Bool {
    guard plan.overview == nil, let trained = model.typicalRelief else { return false }
    let known = try store.values(of: tile, in: .coarse).filter { !$0.isNaN }
    guard let last = known.indices.last else { return true }
    let limits = known.orderStatistics([last * 5 / 100, last * 95 / 100])
    return limits[1] - limits[0]
      < Self.minimumFractionOfTraining * trained
  }

  /// The fraction of its surroundings' range that a tile must have to be refined at full contrast.
  ///
  /// Below it, the tile's relief is smaller than the error of any network on those surroundings: the sea, stretched to
  /// full contrast, would be taken for mountains.
  private static let minimumFractionOfSurroundings: Float = 0.05

  /// The smallest range used to normalize a tile: a fraction of the widest overview tile above it, or 0.
  private func minimumRange(under tile: TileIndex) -> Float {
    guard let overview = plan.overview else { return 0 }
    let inside = plan.working.tiles.window(of: tile).intersection(plan.working.tiles.scene)
    let below = Resampling(from: overview.lattice, to: plan.working.lattice)
      .sourceWindow(for: inside)
    return overview.tiles.tiles(overlapping: below).reduce(0) { widest, tile in
      max(widest, Self.minimumFractionOfSurroundings * (overviewRanges[tile] ?? 0))
    }
  }

  /// A tile's own heights in a part of its window.
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
  /// The minimum and the maximum, ignoring NaN; zeros if all values are NaN.
  package var finiteRange: (lowest: Float, highest: Float) {
    var (lowest, highest) = (Float.infinity, -Float.infinity)
    for value in self where !value.isNaN {
      lowest = Swift.min(lowest, value)
      highest = Swift.max(highest, value)
    }
    return lowest <= highest ? (lowest, highest) : (0, 0)
  }
}

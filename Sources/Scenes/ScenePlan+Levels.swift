import DepthModels
import Grids
import Surfaces
import Tensors

/// Which lattices the scene is seen on, and how they are cut into tiles.
extension ScenePlan {
  /// The same ground in pixels `scale` times as large.
  static func lattice(_ grid: Grid, scale: Double) throws -> Grid {
    let (width, height) = (Double(grid.width) / scale, Double(grid.height) / scale)
    guard width * height <= largestLattice else {
      throw SceneError(
        .usage, "the scene would be seen as \(width) × \(height) pixels, more than 10¹²")
    }
    return Grid(width: max(1, Int(width.rounded())), height: max(1, Int(height.rounded())))
  }

  /// A million pixels squared: four terabytes of heights.
  static let largestLattice = 1e12

  /// Tiles of the wanted size, or smaller ones where the whole scene is smaller.
  static func tiles(
    on lattice: Grid, model: any TileModel, options: SceneOptions, isShifted: Bool = false
  ) throws -> TileGrid {
    let size = options.tileSize ?? model.card.tileSize
    let overlap =
      options.overlap
      ?? (options.tileSize == nil ? model.card.overlap : min(model.card.overlap, size / 4))
    guard size > 0, size % model.sizeMultiple == 0 else {
      throw SceneError(
        .usage,
        "a tile of \(size) pixels, expected a multiple of \(model.sizeMultiple): --tile \(max(1, size / model.sizeMultiple) * model.sizeMultiple)"
      )
    }
    guard (0...size / 2).contains(overlap) else {
      throw SceneError(
        .usage,
        "an overlap of \(overlap) pixels, expected 0 to \(size / 2), half a tile: --overlap \(size / 4)"
      )
    }
    let margin = overlap / 2  // what a pixel in the middle of an overlap has, too
    let fitted = { (extent: Int) in
      let multiple = model.sizeMultiple
      return min(size, (extent + 2 * margin + multiple - 1) / multiple * multiple)
    }
    let (width, height) = (fitted(lattice.width), fitted(lattice.height))
    let least = min(width, height)
    return TileGrid(
      width: lattice.width, height: lattice.height, tileWidth: width, tileHeight: height,
      overlap: min(overlap, least / 2),
      margin: min(margin, least / 4) + (isShifted ? (least - min(overlap, least / 2)) / 2 : 0))
  }

  /// The tiles under an area of the scene, and under one pixel around it, which interpolation back to the scene's
  /// grid draws on.
  static func tiles(
    of tiles: TileGrid, under area: Window, of scene: Grid, lattice: Grid
  ) -> [TileIndex] {
    let (rows, columns) = indices(of: tiles, under: area, of: scene, lattice: lattice)
    return rows.flatMap { row in columns.map { TileIndex(row: row, column: $0) } }
  }

  /// The rows and columns of these tiles.
  static func indices(
    of tiles: TileGrid, under area: Window, of scene: Grid, lattice: Grid
  ) -> (rows: Range<Int>, columns: Range<Int>) {
    let whole = Grid(width: scene.width, height: scene.height)
    return tiles.indices(
      overlapping: Resampling(from: lattice, to: whole).sourceWindow(for: area))
  }

  /// What was asked of the refining half, or what the bundle was made for.
  static func refinement(
    _ model: any TileModel, _ options: SceneOptions
  ) throws -> RefineOptions? {
    let most = model.refiner?.steps ?? 0
    let steps = options.steps ?? most
    guard (0...most).contains(steps) else {
      throw SceneError(
        .usage,
        "\(steps) refining steps, "
          + (most > 0
            ? "expected 0 to \(most): --steps \(most)"
            : "but \(model.card.name) has no refining half: --steps 0"))
    }
    guard steps > 0 else {
      guard !options.stopsAtOne, !options.samplesPosterior else {
        throw SceneError(
          .usage, "nothing is refined, so leave out --stop-at-one and --sample-posterior")
      }
      return nil
    }
    guard !options.stopsAtOne || steps > 1 else {
      throw SceneError(
        .usage, "stopping at one leaves out the only step, expected 2 steps or more: --steps 2")
    }
    guard !options.samplesPosterior || model.refiner?.hasLatents == true else {
      throw SceneError(
        .usage,
        "\(model.card.name) refines pixels and has no latents to draw: leave out --sample-posterior"
      )
    }
    var refinement = RefineOptions(steps: steps)
    refinement.stopsAtOne = options.stopsAtOne
    refinement.samplesPosterior = options.samplesPosterior
    refinement.isLiteral = options.normalization == .perTile
    return refinement
  }

  /// Where tiles agree between the steps, if that was asked for.
  static func joint(
    of tiles: TileGrid, model: any TileModel, _ refinement: RefineOptions?, _ options: SceneOptions
  ) throws -> LatentLattice? {
    guard options.refinesJointly else { return nil }
    guard let refinement, let refiner = model.refiner as? any SteppedRefiner else {
      throw SceneError(
        .usage,
        model.refiner == nil
          ? "\(model.card.name) has no refining half: leave out --joint"
          : refinement == nil
            ? "in 0 steps nothing is refined: leave out --joint"
            : "\(model.card.name) refines a tile at once and not step by step: leave out --joint"
      )
    }
    guard !refinement.isLiteral else {
      throw SceneError(
        .usage, "--joint requires --normalisation scene")
    }
    return try LatentLattice(under: tiles, of: refiner, refinement)
  }

  /// Whether a tile on a lattice may have a valid pixel.
  static func mayHavePixels(
    _ tile: TileIndex, of tiles: TileGrid, on lattice: Grid, _ scene: Grid, turned turn: Turn,
    _ cells: ValidCells
  ) -> Bool {
    let seen = tiles.window(of: tile).intersection(tiles.scene)
    let below = Resampling(from: turn.size(of: scene), to: lattice).sourceWindow(for: seen)
    return !cells.hull(in: turn.source(of: below, in: scene)).isEmpty
  }

  /// The scene at the coarsest distance that the network knows, but at least at half the working resolution.
  ///
  /// - Returns: The level, and how many of its tiles may have valid pixels; nil where one tile is all there is.
  static func overview(
    of working: Level, _ scene: Grid, turned turn: Turn, _ cells: ValidCells, model: any TileModel,
    options: SceneOptions
  ) throws -> (level: Level, occupied: Int)? {
    guard working.tiles.count > 1 else { return nil }
    let coarsest = working.gsd.map { model.card.gsdInMeters.upperBound / $0 } ?? 2
    // Once all of it fits in one tile, coarser shows less and no more.
    let sufficient =
      Double(max(working.lattice.width, working.lattice.height))
      / Double(options.tileSize ?? model.card.tileSize)
    let scale = max(2, min(coarsest, sufficient))
    let lattice = try lattice(working.lattice, scale: scale)
    let tiles = try tiles(on: lattice, model: model, options: options)
    let occupied = tiles.tiles(overlapping: tiles.scene)
      .filter { mayHavePixels($0, of: tiles, on: lattice, scene, turned: turn, cells) }
    let level = Level(
      lattice: lattice, tiles: tiles,
      wanted: overviewTiles(tiles, occupied, lattice, under: working),
      gsd: working.gsd.map { $0 * scale })
    return (level, occupied.count)
  }

  /// So many tiles at most are seen beside those under the area, to have one ruler for the scene whatever its area.
  private static let mostOverviewTiles = 64

  /// All that may have pixels, or of a scene so large that this would take long, those under the wanted tiles and around.
  private static func overviewTiles(
    _ tiles: TileGrid, _ occupied: [TileIndex], _ lattice: Grid, under working: Level
  ) -> [TileIndex] {
    guard occupied.count > mostOverviewTiles else { return occupied }
    let resampling = Resampling(from: lattice, to: working.lattice)
    let below = Set(
      working.wanted.flatMap { tile in
        let seen = working.tiles.window(of: tile).intersection(working.tiles.scene)
        return tiles.tiles(overlapping: resampling.sourceWindow(for: seen))
      })
    let around = Set(below.flatMap { tiles.tiles(overlapping: tiles.window(of: $0)) })
    return occupied.filter(around.contains)
  }
}

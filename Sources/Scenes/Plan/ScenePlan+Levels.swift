import TileModels
import Grids
import Surfaces
import Tensors

/// The lattices on which the scene is processed, and their tiles.
extension ScenePlan {
  /// Returns a lattice over the same area with pixels `scale` times as large.
  ///
  /// - Throws: `SceneError` if it would have more than `largestLattice` pixels.
  static func lattice(_ grid: Grid, scale: Double) throws -> Grid {
    let (width, height) = (Double(grid.width) / scale, Double(grid.height) / scale)
    guard width * height <= largestLattice else {
      throw SceneError(
        .usage, "the scene would be processed as \(width) × \(height) pixels, expected at most 10¹²"
      )
    }
    return Grid(width: max(1, Int(width.rounded())), height: max(1, Int(height.rounded())))
  }

  /// The maximum number of pixels of a lattice: 10⁶ × 10⁶, or four terabytes of heights.
  static let largestLattice = 1e12

  /// Returns tiles of the requested size, or smaller ones if the whole scene is smaller.
  ///
  /// - Throws: `SceneError` if the size is not a multiple of the model's, or if the overlap exceeds half a tile.
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
        "the tile size is \(size) pixels, expected a multiple of \(model.sizeMultiple): use "
          + "--tile \(max(1, size / model.sizeMultiple) * model.sizeMultiple)"
      )
    }
    guard (0...size / 2).contains(overlap) else {
      throw SceneError(
        .usage,
        "the overlap is \(overlap) pixels, expected 0 to \(size / 2), half a tile: use --overlap \(size / 4)"
      )
    }
    let margin = overlap / 2  // the context that a pixel in the middle of an overlap has
    let fitted = { (extent: Int) in
      let multiple = model.sizeMultiple
      return min(size, (extent + 2 * margin + multiple - 1) / multiple * multiple)
    }
    let (width, height) = (fitted(lattice.width), fitted(lattice.height))
    let shorterSide = min(width, height)
    return TileGrid(
      width: lattice.width, height: lattice.height, tileWidth: width, tileHeight: height,
      overlap: min(overlap, shorterSide / 2),
      margin: min(margin, shorterSide / 4)
        + (isShifted ? (shorterSide - min(overlap, shorterSide / 2)) / 2 : 0))
  }

  /// Returns the tiles under an area of the scene, extended by the one pixel around it that interpolation back to the
  /// scene's grid reads.
  static func tiles(
    of tiles: TileGrid, under area: Window, of scene: Grid, lattice: Grid
  ) -> [TileIndex] {
    let (rows, columns) = indices(of: tiles, under: area, of: scene, lattice: lattice)
    return rows.flatMap { row in columns.map { TileIndex(row: row, column: $0) } }
  }

  /// Returns the rows and columns of these tiles.
  static func indices(
    of tiles: TileGrid, under area: Window, of scene: Grid, lattice: Grid
  ) -> (rows: Range<Int>, columns: Range<Int>) {
    let whole = Grid(width: scene.width, height: scene.height)
    return tiles.indices(
      overlapping: Resampling(from: lattice, to: whole).sourceWindow(for: area))
  }

  /// Returns the requested refinement, or the bundle's default; nil if nothing is refined.
  ///
  /// - Throws: `SceneError` if the model does not support what was requested.
  static func refinement(
    _ model: any TileModel, _ options: SceneOptions
  ) throws -> RefineOptions? {
    let maximum = model.refiner?.steps ?? 0
    let steps = options.steps ?? maximum
    guard (0...maximum).contains(steps) else {
      throw SceneError(
        .usage,
        "\(steps) refining steps, "
          + (maximum > 0
            ? "expected 0 to \(maximum): use --steps \(maximum)"
            : "but \(model.card.name) has no refining half: use --steps 0"))
    }
    guard steps > 0 else {
      guard !options.stopsAtOne, !options.samplesPosterior else {
        throw SceneError(
          .usage,
          "with 0 steps nothing is refined: remove --stop-at-one and --sample-posterior")
      }
      return nil
    }
    guard !options.stopsAtOne || steps > 1 else {
      throw SceneError(
        .usage,
        "--stop-at-one would leave out the only step, expected 2 steps or more: use --steps 2")
    }
    guard !options.samplesPosterior || model.refiner?.hasLatents == true else {
      throw SceneError(
        .usage,
        "\(model.card.name) refines pixels and has no latents to sample: remove --sample-posterior"
      )
    }
    var refinement = RefineOptions(steps: steps)
    refinement.stopsAtOne = options.stopsAtOne
    refinement.samplesPosterior = options.samplesPosterior
    refinement.followsPaperExactly = options.normalization == .perTile
    return refinement
  }

  /// Returns the lattice for joint refinement; nil unless it was requested.
  ///
  /// - Throws: `SceneError` if the model, the steps or the normalization do not allow it.
  static func joint(
    of tiles: TileGrid, model: any TileModel, _ refinement: RefineOptions?, _ options: SceneOptions
  ) throws -> LatentLattice? {
    guard options.refinesJointly else { return nil }
    guard let refinement, let refiner = model.refiner as? any SteppedRefiner else {
      throw SceneError(
        .usage,
        model.refiner == nil
          ? "\(model.card.name) has no refining half: remove --joint"
          : refinement == nil
            ? "with 0 steps nothing is refined: remove --joint"
            : "\(model.card.name) refines a tile as a whole and not step by step: remove --joint"
      )
    }
    guard !refinement.followsPaperExactly else {
      throw SceneError(
        .usage, "--joint requires --normalization scene")
    }
    return try LatentLattice(under: tiles, of: refiner, refinement)
  }

  /// Returns whether a tile on a lattice may contain valid pixels.
  static func mayHavePixels(
    _ tile: TileIndex, of tiles: TileGrid, on lattice: Grid, _ scene: Grid,
    turned turn: SquareSymmetry,
    _ validity: ValidityMap
  ) -> Bool {
    let seen = tiles.window(of: tile).intersection(tiles.scene)
    let below = Resampling(from: turn.size(of: scene), to: lattice).sourceWindow(for: seen)
    return !validity.hull(in: turn.source(of: below, in: scene)).isEmpty
  }

  /// Returns the lattice of the overview and the size of its pixels in pixels of the working lattice: the largest pixel
  /// size that the network supports, but at most half the working resolution; nil if there is one working tile.
  static func overviewLattice(
    of working: Grid, _ tiles: TileGrid, gsd: Double?, model: any TileModel, options: SceneOptions
  ) throws -> (lattice: Grid, scale: Double)? {
    guard tiles.count > 1 else { return nil }
    let coarsest = gsd.map { model.card.gsdInMeters.upperBound / $0 } ?? 2
    // Once the whole scene fits in one tile, a coarser overview loses detail and adds no context.
    let sufficient =
      Double(max(working.width, working.height)) / Double(options.tileSize ?? model.card.tileSize)
    let scale = max(2, min(coarsest, sufficient))
    return (try lattice(working, scale: scale), scale)
  }

  /// Returns the overview, whose tiles calibrate those of the working level.
  ///
  /// - Returns: The level and the number of its tiles that may have valid pixels; nil if there is one working tile.
  static func overview(
    of working: Level, _ scene: Grid, turned turn: SquareSymmetry, _ validity: ValidityMap,
    model: any TileModel,
    options: SceneOptions
  ) throws -> (level: Level, occupied: Int)? {
    guard
      let (lattice, scale) = try overviewLattice(
        of: working.lattice, working.tiles, gsd: working.gsd, model: model, options: options)
    else { return nil }
    let tiles = try tiles(on: lattice, model: model, options: options)
    let occupied = tiles.tiles(overlapping: tiles.scene)
      .filter { mayHavePixels($0, of: tiles, on: lattice, scene, turned: turn, validity) }
    let level = Level(
      lattice: lattice, tiles: tiles,
      wanted: overviewTiles(tiles, occupied, lattice, under: working),
      gsd: working.gsd.map { $0 * scale })
    return (level, occupied.count)
  }

  /// The maximum number of overview tiles that are always all processed, so that the calibration does not depend on the
  /// area.
  static let maximumOverviewTiles = 64

  /// Returns all tiles that may have pixels; if there are too many, those under the wanted tiles and their neighbors.
  private static func overviewTiles(
    _ tiles: TileGrid, _ occupied: [TileIndex], _ lattice: Grid, under working: Level
  ) -> [TileIndex] {
    guard occupied.count > maximumOverviewTiles else { return occupied }
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

import TileModels
import Grids
import Surfaces
import Tensors

/// The refinement of a tile: coarse surface → 0…1 → network → calibrated to the surface again.
struct TileRefinement: Sendable {
  let refiner: any TileRefiner
  let options: RefineOptions
  let surface: CoarseSurface

  /// Reads what all tiles have in common.
  ///
  /// - Throws: `SceneError` if the model has no refining half; the errors of `CoarseSurface`.
  init(_ context: RunContext) throws {
    guard let options = context.plan.refinement, let refiner = context.model.refiner else {
      throw SceneError(
        .usage,
        "\(context.model.card.name) has no refining half, but the plan refines: use --steps 0")
    }
    (self.options, self.refiner) = (options, refiner)
    surface = try CoarseSurface(context)
  }

  /// Returns the refined heights of the whole tile as `[row, column]`, or those of the coarse surface if it is flat.
  ///
  /// With an ensemble, the coarse heights are the mean of the members, and the spread of the refined heights is that of
  /// the coarse ones.
  func heights(of tile: TileIndex, seen: SourceTile) throws -> TileHeights {
    let (coarse, crop) = try coarse(under: tile)
    let refined =
      crop.isFlat && !options.followsPaperExactly
      ? coarse
      : try refiner.refine(coarse, image: seen.image, options: options, seed: seed(of: tile))
    return TileHeights(
      values: placed(refined, on: crop, seen: seen).scalars, spread: try spread(of: tile))
  }

  /// Returns the spread of the ensemble's members in a tile, scaled like its heights; nil if none is stored.
  func spread(of tile: TileIndex) throws -> [Float]? {
    guard let scale = surface.calibrations[tile]?.scale,
      try surface.store.hasSpread(of: tile, in: .coarse)
    else { return nil }
    return try surface.store.spread(of: tile, in: .coarse).map { Float(abs(scale)) * $0 }
  }

  /// Returns the coarse surface under a tile, scaled to 0…1, as `[1, row, column, 1]`.
  ///
  /// - Throws: `Failure` if the tile is not part of that surface.
  func coarse(under tile: TileIndex) throws -> (Tensor, crop: CoarseSurface.Crop) {
    guard surface.calibrations[tile] != nil else {
      throw Failure(.badData, "the tile has no calibrated coarse heights to refine")
    }
    let crop = try surface.crop(under: tile)
    let tiles = surface.plan.working.tiles
    return (
      Tensor(
        [1, tiles.tileHeight, tiles.tileWidth, 1],
        crop.heights.map { crop.range > 0 ? min(max(($0 - crop.lowest) / crop.range, 0), 1) : 0 }),
      crop
    )
  }

  /// Returns the network's result for a crop, calibrated to the surface.
  func placed(_ refined: Tensor, on crop: CoarseSurface.Crop, seen: SourceTile) -> Tensor {
    if options.followsPaperExactly { return refined }
    // On flat terrain the network would add only texture, such as plates on water or hills on a plain.
    if crop.isFlat { return Tensor(refined.shape, crop.heights) }
    guard refiner.heightRange == .own else {
      return Tensor(refined.shape, refined.scalars.map { crop.lowest + crop.range * $0 })
    }
    return Tensor(
      refined.shape,
      calibrated(refined.scalars, to: crop.heights, isValid: seen.isValid))
  }

  /// The side in pixels of the cells in which an uncalibrated result is compared with the coarse surface: that surface
  /// shows little below this size.
  private static let cell = 16

  /// Calibrates a result to the coarse surface by the low frequencies of both.
  ///
  /// A result that does not correlate with that surface cannot be calibrated to it with any scale: as the trust in the
  /// fit falls below one half, the result is blended with the coarse heights.
  private func calibrated(
    _ refined: [Float], to coarse: [Float], isValid: [Bool]
  ) -> [Float] {
    let tiles = surface.plan.working.tiles
    let full = Grid(width: tiles.tileWidth, height: tiles.tileHeight)
    let cells = Grid(
      width: max(1, full.width / Self.cell), height: max(1, full.height / Self.cell))
    let low = { (values: [Float]) in
      Resampling(from: full, to: cells)
        .apply(zip(values, isValid).map { $1 ? $0 : .nan }, to: cells.window)
    }
    guard let fit = AffineFit(of: low(refined), to: low(coarse)) else { return coarse }
    let share = min(1, 2 * fit.trust)
    return zip(refined, coarse).map { refined, coarse in
      Float(share * (fit.scale * Double(refined) + fit.shift) + (1 - share) * Double(coarse))
    }
  }

  /// Returns a seed that differs between tiles and is the same in every run.
  func seed(of tile: TileIndex) -> UInt64 {
    var generator = SplitMix64(
      seed: 42 ^ UInt64(tile.row) << 32 ^ UInt64(tile.column))
    return generator.next()
  }
}

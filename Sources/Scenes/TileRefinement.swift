import DepthModels
import Grids
import Surfaces
import Tensors

/// A tile's way through the refining half: coarse surface → 0…1 → network → the surface's ruler again.
struct TileRefinement: Sendable {
  let refiner: any TileRefiner
  let options: RefineOptions
  let surface: CoarseSurface

  /// Refined heights [row, column] of the whole tile; those of the coarse surface where it is flat.
  ///
  /// Of an ensemble the coarse heights are the mean, and their spread is that of the refined ones too.
  func heights(of tile: TileIndex, seen: SourceTile) throws -> TileHeights {
    let (coarse, crop) = try coarse(under: tile)
    let refined =
      crop.isFlat && !options.isLiteral
      ? coarse
      : try refiner.refine(coarse, image: seen.image, options: options, seed: seed(of: tile))
    return TileHeights(
      values: placed(refined, on: crop, seen: seen).scalars, spread: try spread(of: tile))
  }

  /// How far the members of an ensemble lie apart in a tile, calibrated as its heights are; nil where none was kept.
  func spread(of tile: TileIndex) throws -> [Float]? {
    guard let scale = surface.rulers[tile]?.scale,
      try surface.store.hasSpread(of: tile, in: .coarse)
    else { return nil }
    return try surface.store.spread(of: tile, in: .coarse).map { Float(abs(scale)) * $0 }
  }

  /// The coarse surface under a tile, brought to 0…1 as `[1, row, column, 1]`.
  ///
  /// - Throws: `Failure` where the tile has no place on that surface.
  func coarse(under tile: TileIndex) throws -> (Tensor, crop: CoarseSurface.Crop) {
    guard surface.rulers[tile] != nil else {
      throw Failure(.badData, "there are no coarse heights to refine")
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

  /// What the network made of a crop, on the surface's ruler.
  func placed(_ refined: Tensor, on crop: CoarseSurface.Crop, seen: SourceTile) -> Tensor {
    if options.isLiteral { return refined }
    // What the network would add to level land is texture: plates on water, hills on a plain.
    if crop.isFlat { return Tensor(refined.shape, crop.heights) }
    guard refiner.heightRange == .own else {
      return Tensor(refined.shape, refined.scalars.map { crop.lowest + crop.range * $0 })
    }
    return Tensor(
      refined.shape, onRuler(refined.scalars, of: crop.heights, isValid: seen.isValid))
  }

  /// Pixels along each side of the cells in which a form without a ruler is compared with the coarse surface: the
  /// size below which that surface shows little.
  private static let cell = 16

  /// Puts a form on the ruler of the coarse surface, by the low frequencies of both.
  ///
  /// A form that does not follow that surface has no place on its ruler, whatever the scale: as the trust in the fit
  /// falls below a half, the coarse heights take over.
  private func onRuler(_ form: [Float], of coarse: [Float], isValid: [Bool]) -> [Float] {
    let tiles = surface.plan.working.tiles
    let full = Grid(width: tiles.tileWidth, height: tiles.tileHeight)
    let cells = Grid(
      width: max(1, full.width / Self.cell), height: max(1, full.height / Self.cell))
    let low = { (values: [Float]) in
      Resampling(from: full, to: cells)
        .apply(zip(values, isValid).map { $1 ? $0 : .nan }, to: cells.window)
    }
    guard let fit = AffineFit(of: low(form), to: low(coarse)) else { return coarse }
    let share = min(1, 2 * fit.trust)
    return zip(form, coarse).map { form, coarse in
      Float(share * (fit.scale * Double(form) + fit.shift) + (1 - share) * Double(coarse))
    }
  }

  /// Another one for each tile, and the same in every run.
  func seed(of tile: TileIndex) -> UInt64 {
    var generator = SplitMix64(
      seed: 42 ^ UInt64(tile.row) << 32 ^ UInt64(tile.column))
    return generator.next()
  }
}

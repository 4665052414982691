import DepthModels
import Grids
import Surfaces
import Tensors

/// A tile's way through the refining half: coarse surface → 0…1 → network → the surface's ruler again.
struct TileRefinement: Sendable {
  let refiner: any TileRefiner
  let options: RefineOptions
  let surface: CoarseSurface

  /// Refined heights [row, column] of the whole tile.
  func heights(of tile: TileIndex, seen: SourceTile) throws -> Tensor {
    guard surface.fits[tile] != nil else {
      throw Failure(.badData, "there are no coarse heights to refine")
    }
    let crop = try surface.crop(under: tile)
    let shape = Shape([1, seen.image.shape[1], seen.image.shape[2], 1])
    let scale = crop.range > 0 ? 1 / crop.range : 0
    let coarse = Tensor(shape, crop.heights.map { ($0 - crop.lowest) * scale })
    let refined = try refiner.refine(
      coarse, image: seen.image, options: options, seed: seed(of: tile))
    if options.isLiteral { return refined }
    let heights = refined.scalars.map { crop.lowest + crop.range * $0 }
    guard refiner.heightRange == .own else { return Tensor(shape, heights) }
    let fit = fit(heights, to: crop.heights, isValid: seen.isValid)
    return Tensor(shape, heights.map { Float(fit.scale * Double($0) + fit.shift) })
  }

  /// Pixels along each side of the cells in which a form without a ruler is compared with the coarse surface: the
  /// size below which that surface shows little.
  private static let cell = 16

  /// Puts a form on the ruler of the coarse surface, by the low frequencies of both.
  private func fit(_ heights: [Float], to coarse: [Float], isValid: [Bool]) -> AffineFit {
    let tiles = surface.plan.working.tiles
    let full = Grid(width: tiles.tileWidth, height: tiles.tileHeight)
    let cells = Grid(width: full.width / Self.cell, height: full.height / Self.cell)
    let low = { (values: [Float]) in
      Resampling(from: full, to: cells)
        .apply(zip(values, isValid).map { $1 ? $0 : .nan }, to: cells.window)
    }
    return (AffineFit(of: low(heights), to: low(coarse)) ?? .identity).steadied
  }

  /// Another one for each tile, and the same in every run.
  private func seed(of tile: TileIndex) -> UInt64 {
    var generator = SplitMix64(
      seed: 42 ^ UInt64(tile.row) << 32 ^ UInt64(tile.column))
    return generator.next()
  }
}

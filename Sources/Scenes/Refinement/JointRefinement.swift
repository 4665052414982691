import TileModels
import Grids
import Surfaces
import Tensors

/// Joint refinement of all tiles: after each step, overlapping tiles average the detail that they add.
///
/// The detail of a step is the estimate minus the coarse latent, times the range of the tile's crop. So it is in height
/// units, whatever range normalized the tile to 0…1. It is blended like heights, with the feathers of the tiles, on the
/// lattice of the latents; the next blend is the coarse latent plus its share of the blended detail. In pixel space,
/// this is exactly the mean of heights; in latent space, it is so to the extent that the autoencoder is linear.
///
/// The idea of combining tiles between steps is from O. Bar-Tal et al., "MultiDiffusion", 2023, arXiv:2302.08113.
struct JointRefinement: Sendable {
  let refiner: any SteppedRefiner
  let lattice: LatentLattice
  let store: RunStore
  /// The refinement of a single tile, which crops the surface and calibrates the result.
  let single: TileRefinement

  /// Reads what all tiles have in common.
  ///
  /// - Throws: `SceneError` if the model does not refine step by step; the errors of `TileRefinement`.
  init(_ context: RunContext) throws {
    single = try TileRefinement(context)
    guard let lattice = context.plan.joint, let refiner = single.refiner as? any SteppedRefiner
    else {
      throw SceneError(
        .usage,
        "\(context.model.card.name) refines a tile as a whole and not step by step: remove --joint")
    }
    (self.lattice, self.refiner, store) = (lattice, refiner, context.store)
  }

  private var schedule: [ProgressiveBlending.Step] { refiner.schedule(single.options) }

  /// The conditions of a tile in their stored form.
  ///
  /// These are the coarse latent and the image latent, each `[row, column, channel]`, and then the range of the crop.
  func conditions(of tile: TileIndex, seen: SourceTile) throws -> [Float] {
    let (coarse, crop) = try single.coarse(under: tile)
    let conditions = refiner.conditions(
      coarse, image: seen.image, options: single.options, seed: single.seed(of: tile))
    return conditions.coarse.scalars + conditions.image.scalars + [crop.range]
  }

  /// The detail that a step adds to the coarse latent, `[channel, row, column]`; nil for a tile without a valid pixel.
  ///
  /// Steps are counted from 1.
  func detail(of tile: TileIndex, step: Int) throws -> [Float]? {
    let before: StageName = step == 1 ? .conditions : .detail(step - 1)
    guard let (conditions, range) = try storedConditions(of: tile, after: before) else {
      return nil
    }
    let blend = try blend(of: tile, conditions, range: range, after: step - 1)
    let estimate = refiner.estimate(from: blend, conditions, at: schedule[step - 1].index)
    let channels = lattice.coarseChannels
    let cells = lattice.rows * lattice.columns
    return (0..<cells * channels).map { place in
      let (channel, cell) = place.quotientAndRemainder(dividingBy: cells)
      let interleaved = cell * channels + channel
      return range * (estimate.scalars[interleaved] - conditions.coarse.scalars[interleaved])
    }
  }

  /// Refined heights of the whole tile, `[row, column]`.
  func heights(of tile: TileIndex, seen: SourceTile) throws -> TileHeights {
    guard
      let (conditions, range) = try storedConditions(of: tile, after: .detail(lattice.steps))
    else {
      throw Failure(
        .badData, "no pixel was valid when the conditions were computed, but some are valid now")
    }
    let blend = try blend(of: tile, conditions, range: range, after: lattice.steps)
    let refined = try refiner.heights(
      from: blend, rows: seen.image.shape[1], columns: seen.image.shape[2],
      options: single.options)
    let crop = try single.coarse(under: tile).crop
    return TileHeights(
      values: single.placed(refined, on: crop, seen: seen).scalars,
      spread: try single.spread(of: tile))
  }

  /// The stored conditions of a tile that has finished a stage; nil if the tile was skipped.
  ///
  /// - Throws: The `Failure` of that stage.
  private func storedConditions(
    of tile: TileIndex, after stage: StageName
  ) throws -> (RefineConditions, range: Float)? {
    switch try store.state(of: tile, in: stage) {
    case .done: break
    case .skipped: return nil
    case .failed(let failure): throw failure
    case nil: preconditionFailure("stage \(stage.rawValue) is not finished")
    }
    let values = try store.values(of: tile, in: .conditions)
    let (rows, columns) = (lattice.rows, lattice.columns)
    let split = rows * columns * lattice.coarseChannels
    return (
      RefineConditions(
        coarse: Tensor([1, rows, columns, lattice.coarseChannels], Array(values[..<split])),
        image: Tensor(
          [1, rows, columns, lattice.imageChannels], Array(values[split..<values.count - 1]))),
      values[values.count - 1]
    )
  }

  /// The coarse latent plus its share of the blended detail of a step; before the first step, the coarse latent.
  private func blend(
    of tile: TileIndex, _ conditions: RefineConditions, range: Float, after step: Int
  ) throws -> Tensor {
    guard step > 0, range > 0 else { return conditions.coarse }
    let gain = Float(schedule[step - 1].share) / range
    let detail = try blendedDetail(of: tile, step: step)
    let channels = lattice.coarseChannels
    let cells = lattice.rows * lattice.columns
    let coarse = conditions.coarse
    return Tensor(
      coarse.shape,
      coarse.scalars.indices.map { place in
        let (cell, channel) = place.quotientAndRemainder(dividingBy: channels)
        return coarse.scalars[place] + gain * detail[channel * cells + cell]
      })
  }

  /// The feather-weighted mean of the overlapping tiles' detail, `[channel, row, column]`.
  ///
  /// The padding keeps the tile's own detail.
  private func blendedDetail(of tile: TileIndex, step: Int) throws -> [Float] {
    let tiles = lattice.tiles
    let window = tiles.window(of: tile)
    let cells = lattice.rows * lattice.columns
    var mosaics = (0..<lattice.coarseChannels).map { _ in
      Mosaic(over: window, feather: Feather(tiles))
    }
    var blended = try store.values(of: tile, in: .detail(step))
    for other in tiles.tiles(overlapping: window) {
      guard try store.state(of: other, in: .detail(step)) == .done else { continue }
      let detail = other == tile ? blended : try store.values(of: other, in: .detail(step))
      for channel in mosaics.indices {
        mosaics[channel].add(cropped(detail[channel * cells..<(channel + 1) * cells]), of: other)
      }
    }
    for channel in mosaics.indices {
      let mean = mosaics[channel].finish()
      for row in 0..<window.height {
        let start = channel * cells + row * lattice.columns
        blended.replaceSubrange(
          start..<start + window.width, with: mean[row * window.width..<(row + 1) * window.width])
      }
    }
    return blended
  }

  /// The map without its padding.
  private func cropped(_ map: ArraySlice<Float>) -> [Float] {
    (0..<lattice.tiles.tileHeight).flatMap { row in
      let start = map.startIndex + row * lattice.columns
      return map[start..<start + lattice.tiles.tileWidth]
    }
  }
}

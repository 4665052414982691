import DepthModels
import Grids
import Surfaces
import Tensors

/// All tiles refined side by side: after each step, neighbours take the mean of what they add to the ground they share.
///
/// What a step adds is its detail: the estimate less the coarse latent, times the range of the tile's crop, so that it has
/// the unit of heights, whatever range each tile was brought to 0…1 by. It is blended like heights, by the feathers
/// of the tiles, on the lattice of the latents; the next blend is the coarse latent with its share of that. In pixels
/// this is the mean of heights to the letter; in latents it is as far as the autoencoder takes sums to sums.
/// The idea of agreeing between steps: O. Bar-Tal et al., "MultiDiffusion", 2023, arXiv:2302.08113.
struct JointRefinement: Sendable {
  let refiner: any SteppedRefiner
  let lattice: LatentLattice
  let store: any TileStore
  /// Crops and puts back.
  let single: TileRefinement

  private var schedule: [ProgressiveBlending.Step] { refiner.schedule(single.options) }

  /// Conditions as the store keeps them: the coarse latent and that of the image, [row, column, channel], and the
  /// range of the crop.
  func conditions(of tile: TileIndex, seen: SourceTile) throws -> [Float] {
    let (coarse, crop) = try single.coarse(under: tile)
    let conditions = refiner.conditions(
      coarse, image: seen.image, options: single.options, seed: single.seed(of: tile))
    return conditions.coarse.scalars + conditions.image.scalars + [crop.range]
  }

  /// What a step, counted from 1, adds to the coarse latent as [channel, row, column]; nil for a tile without a
  /// valid pixel.
  func detail(of tile: TileIndex, step: Int) throws -> [Float]? {
    let before: Stage = step == 1 ? .conditions : .detail(step - 1)
    guard let (conditions, range) = try kept(tile, after: before) else { return nil }
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

  /// Refined heights [row, column] of the whole tile.
  func heights(of tile: TileIndex, seen: SourceTile) throws -> TileHeights {
    guard let (conditions, range) = try kept(tile, after: .detail(lattice.steps)) else {
      throw Failure(.badData, "no pixel was valid when its conditions were taken, and now some are")
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

  /// A tile's conditions, once a stage has ended for it.
  ///
  /// - Throws: `Failure` with the reason for which that stage has failed.
  private func kept(
    _ tile: TileIndex, after stage: Stage
  ) throws -> (RefineConditions, range: Float)? {
    switch try store.state(of: tile, in: stage) {
    case .done: break
    case .skipped: return nil
    case .failed(let failure): throw failure
    case nil: preconditionFailure("\(stage.rawValue) comes before")
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

  /// The coarse latent and its share of what neighbours agreed on after a step; before the first, the coarse latent.
  private func blend(
    of tile: TileIndex, _ conditions: RefineConditions, range: Float, after step: Int
  ) throws -> Tensor {
    guard step > 0, range > 0 else { return conditions.coarse }
    let gain = Float(schedule[step - 1].share) / range
    let agreed = try agreedDetail(of: tile, step: step)
    let channels = lattice.coarseChannels
    let cells = lattice.rows * lattice.columns
    let coarse = conditions.coarse
    return Tensor(
      coarse.shape,
      coarse.scalars.indices.map { place in
        let (cell, channel) = place.quotientAndRemainder(dividingBy: channels)
        return coarse.scalars[place] + gain * agreed[channel * cells + cell]
      })
  }

  /// The feathered mean of what the tiles over a tile's ground added, [channel, row, column]; in its padding, its own.
  private func agreedDetail(of tile: TileIndex, step: Int) throws -> [Float] {
    let tiles = lattice.tiles
    let window = tiles.window(of: tile)
    let cells = lattice.rows * lattice.columns
    var mosaics = (0..<lattice.coarseChannels).map { _ in
      Mosaic(over: window, feather: Feather(tiles))
    }
    var agreed = try store.values(of: tile, in: .detail(step))
    for other in tiles.tiles(overlapping: window) {
      guard try store.state(of: other, in: .detail(step)) == .done else { continue }
      let detail = other == tile ? agreed : try store.values(of: other, in: .detail(step))
      for channel in mosaics.indices {
        mosaics[channel].add(cropped(detail[channel * cells..<(channel + 1) * cells]), of: other)
      }
    }
    for channel in mosaics.indices {
      let mean = mosaics[channel].finish()
      for row in 0..<window.height {
        let start = channel * cells + row * lattice.columns
        agreed.replaceSubrange(
          start..<start + window.width, with: mean[row * window.width..<(row + 1) * window.width])
      }
    }
    return agreed
  }

  /// A map without its padding.
  private func cropped(_ map: ArraySlice<Float>) -> [Float] {
    (0..<lattice.tiles.tileHeight).flatMap { row in
      let start = map.startIndex + row * lattice.columns
      return map[start..<start + lattice.tiles.tileWidth]
    }
  }
}

package import Grids
import Tensors

/// One pass over tiles, which computes and stores the result of one stage for each tile.
///
/// Networks run on as many tiles at once as memory allows, and the remaining threads work inside each tile; meanwhile,
/// one more tile is read or written. The result of a tile depends only on finished stages, so neither the order nor the
/// number of concurrent tiles changes it.
package struct ModelPass: Sendable {
  let store: RunStore
  let stage: Stage
  let share: Resources.Share
  /// Whether to store the spread of an ensemble with each tile.
  let keepsSpread: Bool
  /// Computes the result of a tile, running each network inside the gate; nil if the tile has no valid pixel.
  let values: @Sendable (TileIndex, AsyncSemaphore) async throws -> TileHeights?

  package init(
    store: RunStore, stage: Stage, share: Resources.Share, keepsSpread: Bool = false,
    values: @escaping @Sendable (TileIndex, AsyncSemaphore) async throws -> TileHeights?
  ) {
    (self.store, self.stage, self.share, self.keepsSpread) = (store, stage, share, keepsSpread)
    self.values = values
  }

  /// Finishes all given tiles; tiles that an earlier run finished are kept, and failed tiles are tried again.
  ///
  /// An error in one tile is recorded as its failure.
  ///
  /// - Throws: Errors that end the whole run: cancellation, a store that cannot be written, or failure of every tile.
  package func run(_ tiles: [TileIndex], progress: ProgressHandler) async throws {
    if keepsSpread { try discardTilesWithoutSpread(tiles) }
    let waiting = try tiles.filter { try isWaiting(store.state(of: $0, in: stage)) }
    var finished = tiles.count - waiting.count
    progress(.tiles(stage, finished: finished, of: tiles.count))
    let gate = AsyncSemaphore(atOnce: share.tilesAtOnce)
    try await forEachConcurrently(waiting, atOnce: share.tilesAtOnce + 1) {
      try await end($0, gate)
    } receive: { _, _ in
      finished += 1
      progress(.tiles(stage, finished: finished, of: tiles.count))
    }
    try requireAny(of: tiles)
  }

  /// Discards tiles that an earlier run stored without spreads.
  ///
  /// They are computed again, with the same heights.
  private func discardTilesWithoutSpread(_ tiles: [TileIndex]) throws {
    for tile in tiles
    where try store.state(of: tile, in: stage) == .done && !store.hasSpread(of: tile, in: stage) {
      try store.discard(tile, in: stage)
    }
  }

  private func isWaiting(_ state: TileState?) -> Bool {
    switch state {
    case nil, .failed: true
    case .done, .skipped: false
    }
  }

  /// Throws the first failure if no tile of the stage is done, because the run cannot continue without any tile.
  private func requireAny(of tiles: [TileIndex]) throws {
    let failures = try store.failures(among: tiles, in: stage)
    guard let first = failures.first,
      try !tiles.contains(where: { try store.state(of: $0, in: stage) == .done })
    else { return }
    throw SceneError(
      failures.kind == .io ? .io : .badData,
      "every \(stage.rawValue) tile with valid pixels failed; the first: \(first)\n"
        + "a damaged part affects fewer pixels with smaller tiles: --tile 64 and another output name"
    )
  }

  private func end(_ tile: TileIndex, _ gate: AsyncSemaphore) async throws {
    let found: TileHeights?
    do {
      found = try await Parallel.$workers.withValue(share.threadsPerTile) {
        try await values(tile, gate)
      }
    } catch {
      guard let failure = Failure(error) else { throw error }
      return try store.fail(tile, in: stage, because: failure)
    }
    guard let found else { return try store.skip(tile, in: stage, because: "no valid pixel") }
    try store.commit(
      found.values, spread: keepsSpread ? found.spread : nil, of: tile, in: stage)
  }
}

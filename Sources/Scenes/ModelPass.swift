import Grids
import Tensors

/// One pass over tiles, each of which becomes what its stage keeps of it.
///
/// Networks run on as many tiles at once as memory allows, and what threads are left work inside each; one more tile is
/// read, or written, meanwhile. What a tile becomes depends on finished stages alone, so neither the order nor the number
/// at once shows in the result.
struct ModelPass: Sendable {
  let store: any TileStore
  let stage: Stage
  let share: Resources.Share
  /// Whether the spread of an ensemble is kept with each tile.
  var keepsSpread = false
  /// What a tile becomes, with every network behind the gate; nil where there is nothing to show.
  let values: @Sendable (TileIndex, Gate) async throws -> TileHeights?

  /// Brings all these tiles to their end; those that a former run has ended are left as they are, but for the
  /// failed ones, which are tried again.
  ///
  /// What goes wrong with one tile is noted as its failure.
  ///
  /// - Throws: what concerns the whole run: cancellation, a store that cannot be written, every tile failed.
  func run(_ tiles: [TileIndex], progress: ProgressHandler) async throws {
    if keepsSpread { try discardBare(tiles) }
    let waiting = try tiles.filter { try isWaiting(store.state(of: $0, in: stage)) }
    var finished = tiles.count - waiting.count
    progress(.tiles(stage, finished: finished, of: tiles.count))
    let gate = Gate(atOnce: share.tilesAtOnce)
    try await withThrowingTaskGroup(of: Void.self) { group in
      var next = waiting.makeIterator()
      func start() {
        guard let tile = next.next() else { return }
        group.addTask { try await end(tile, gate) }
      }
      for _ in 0...share.tilesAtOnce { start() }
      while try await group.next() != nil {
        finished += 1
        progress(.tiles(stage, finished: finished, of: tiles.count))
        try Task.checkCancellation()
        start()
      }
    }
    try requireAny(of: tiles)
  }

  /// Forgets what a run has left that kept no spreads: those tiles are seen again, with the same heights.
  private func discardBare(_ tiles: [TileIndex]) throws {
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

  /// Nothing can be made of a stage without a single tile: then the first reason is the run's.
  private func requireAny(of tiles: [TileIndex]) throws {
    let failures = try store.failures(among: tiles, in: stage)
    guard let first = failures.first,
      try !tiles.contains(where: { try store.state(of: $0, in: stage) == .done })
    else { return }
    throw SceneError(
      failures.kind == .io ? .io : .badData,
      "every \(stage.rawValue) tile with valid pixels failed; the first: \(first)\n"
        + "Smaller tiles lose less to a damaged part: --tile 64 and an output of another name")
  }

  private func end(_ tile: TileIndex, _ gate: Gate) async throws {
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

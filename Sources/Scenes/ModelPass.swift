import DepthModels
import Grids
import Tensors

/// One pass of a network over the tiles of a level: source → network → store.
///
/// Tiles run at once as memory allows, and what threads are left work inside each. What a tile becomes
/// depends on its window alone, so neither the order nor the number at once shows in the result.
struct ModelPass {
  let source: any TileSource
  let store: any TileStore
  let stage: Stage
  let level: ScenePlan.Level
  let share: Resources.Share
  /// What the network says of a tile, a height for each of its pixels.
  let heights: @Sendable (TileIndex, SourceTile) throws -> Tensor

  /// Brings all these tiles to their end; those that a former run has ended are left as they are.
  func run(_ tiles: [TileIndex], progress: ProgressHandler) async throws {
    let waiting = try tiles.filter { try store.state(of: $0, in: stage) == nil }
    var finished = tiles.count - waiting.count
    progress(.tiles(stage, finished: finished, of: tiles.count))
    try await withThrowingTaskGroup(of: Void.self) { group in
      var next = waiting.makeIterator()
      func start() {
        guard let tile = next.next() else { return }
        group.addTask { try await see(tile) }
      }
      for _ in 0..<share.tilesAtOnce { start() }
      while try await group.next() != nil {
        finished += 1
        progress(.tiles(stage, finished: finished, of: tiles.count))
        try Task.checkCancellation()
        start()
      }
    }
  }

  private func see(_ tile: TileIndex) async throws {
    let seen = try await source.tile(level.tiles.window(of: tile), on: level.lattice)
    guard seen.hasValidPixels else {
      return try store.skip(tile, in: stage, because: "no valid pixel")
    }
    var values = try Parallel.$workers.withValue(share.threadsPerTile) {
      try heights(tile, seen).scalars
    }
    precondition(values.count == seen.isValid.count, "a network answers with one height a pixel")
    for pixel in values.indices {
      guard values[pixel].isFinite else {
        throw SceneError(
          .badData,
          "the network gave \(values[pixel]) in tile row \(tile.row), column \(tile.column)")
      }
      if !seen.isValid[pixel] { values[pixel] = .nan }
    }
    try store.commit(values, of: tile, in: stage)
  }
}

import Grids
import Tensors

/// Inference on the tiles of a level.
struct TileInference: Sendable {
  let source: any TileSource
  let level: ScenePlan.Level

  /// Runs a network on a tile as soon as the gate admits it; returns nil if the tile has no valid pixels.
  ///
  /// - Throws: `Failure` if an output value is not finite.
  func values(
    of tile: TileIndex, through gate: AsyncSemaphore,
    _ network: @Sendable (TileIndex, SourceTile) throws -> [Float]
  ) async throws -> (values: [Float], seen: SourceTile)? {
    let seen = try await source.tile(level.tiles.window(of: tile), on: level.lattice)
    guard seen.hasValidPixels else { return nil }
    return (try numbers(await gate.pass { try network(tile, seen) }), seen)
  }

  /// Returns the heights of a tile as `[row, column]`, NaN where the scene is not valid; nil if no pixel is valid.
  func heights(
    of tile: TileIndex, through gate: AsyncSemaphore,
    _ network: @Sendable (TileIndex, SourceTile) throws -> TileHeights
  ) async throws -> TileHeights? {
    let seen = try await source.tile(level.tiles.window(of: tile), on: level.lattice)
    guard seen.hasValidPixels else { return nil }
    let output = try await gate.pass { try network(tile, seen) }
    precondition(
      output.values.count == seen.isValid.count, "a network outputs one height per pixel")
    let valid = { (values: [Float]) in zip(values, seen.isValid).map { $1 ? $0 : Float.nan } }
    return TileHeights(values: valid(try numbers(output.values)), spread: output.spread.map(valid))
  }
}

/// Returns the values of a network's output if all are finite.
///
/// - Throws: `Failure` with the first value that is not finite.
func numbers(_ values: [Float]) throws -> [Float] {
  if let invalid = values.first(where: { !$0.isFinite }) {
    throw Failure(.badData, "the network's output contains \(invalid), expected finite heights")
  }
  return values
}

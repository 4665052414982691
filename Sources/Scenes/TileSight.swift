import Grids
import Tensors

/// What a network makes of the scene under a tile.
struct TileSight: Sendable {
  let source: any TileSource
  let level: ScenePlan.Level

  /// What the network, when the gate lets it, says of a tile; nil where none of its pixels is valid.
  ///
  /// - Throws: `Failure` where it says what is no number.
  func look(
    at tile: TileIndex, through gate: Gate,
    _ network: @Sendable (TileIndex, SourceTile) throws -> [Float]
  ) async throws -> (values: [Float], seen: SourceTile)? {
    let seen = try await source.tile(level.tiles.window(of: tile), on: level.lattice)
    guard seen.hasValidPixels else { return nil }
    return (try numbers(await gate.pass { try network(tile, seen) }), seen)
  }

  /// Heights of a tile as [row, column], NaN where the scene is not valid; nil where none of it is.
  func heights(
    of tile: TileIndex, through gate: Gate,
    _ network: @Sendable (TileIndex, SourceTile) throws -> TileHeights
  ) async throws -> TileHeights? {
    let seen = try await source.tile(level.tiles.window(of: tile), on: level.lattice)
    guard seen.hasValidPixels else { return nil }
    let answer = try await gate.pass { try network(tile, seen) }
    precondition(
      answer.values.count == seen.isValid.count, "a network answers with one height a pixel")
    let valid = { (values: [Float]) in zip(values, seen.isValid).map { $1 ? $0 : Float.nan } }
    return TileHeights(values: valid(try numbers(answer.values)), spread: answer.spread.map(valid))
  }
}

/// The values of a network's answer, if all are numbers.
///
/// - Throws: `Failure` that names the first that is none.
func numbers(_ values: [Float]) throws -> [Float] {
  if let odd = values.first(where: { !$0.isFinite }) {
    throw Failure(.badData, "the network gave \(odd)")
  }
  return values
}

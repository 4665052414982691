public import Grids

/// The passes over a scene whose results are kept tile by tile.
public enum Stage: String, Sendable, Codable, CaseIterable {
  /// Relative height of the whole at low resolution.
  case overview
  /// Relative height at the working resolution, each tile with its own scale and shift.
  case coarse
  /// Heights on the surface that the coarse tiles make, sharpened by the image.
  case refined
}

/// How a planned tile ended.
public enum TileState: Hashable, Sendable {
  case done
  case skipped(String)
}

/// Where finished tiles of each stage lie, and which are done.
///
/// A tile is committed whole or not at all, by one writer; readers see only committed tiles. Memory holds
/// none of them.
public protocol TileStore: Sendable {
  /// How the tile ended, or nil while it has not.
  func state(of tile: TileIndex, in stage: Stage) throws -> TileState?

  /// Keeps a tile's values, [row, column], NaN where there is none.
  func commit(_ values: [Float], of tile: TileIndex, in stage: Stage) throws

  /// Notes that a tile has nothing to show, and why.
  func skip(_ tile: TileIndex, in stage: Stage, because reason: String) throws

  /// The committed values; a tile that is not done is an error.
  func values(of tile: TileIndex, in stage: Stage) throws -> [Float]
}

public import Grids

/// The passes over a scene whose results are kept tile by tile.
public enum Stage: Hashable, Sendable {
  /// Relative height of the whole at low resolution.
  case overview
  /// Relative height at the working resolution, each tile with its own scale and shift.
  case coarse
  /// What the steps of refining rest on, where tiles are refined side by side.
  case conditions
  /// What a step of that, counted from 1, adds to the coarse map.
  case detail(Int)
  /// Heights on the surface that the coarse tiles make, sharpened by the image.
  case refined
}

extension Stage: RawRepresentable, Codable {
  /// Its name, also that of its folder.
  public var rawValue: String {
    switch self {
    case .overview: "overview"
    case .coarse: "coarse"
    case .conditions: "conditions"
    case .detail(let step): "detail-\(step)"
    case .refined: "refined"
    }
  }

  public init?(rawValue: String) {
    switch rawValue {
    case "overview": self = .overview
    case "coarse": self = .coarse
    case "conditions": self = .conditions
    case "refined": self = .refined
    default:
      guard rawValue.hasPrefix("detail-"), let step = Int(rawValue.dropFirst(7)), step > 0 else {
        return nil
      }
      self = .detail(step)
    }
  }
}

/// How a planned tile ended.
public enum TileState: Hashable, Sendable {
  case done
  /// There is nothing to show, and why.
  case skipped(String)
  /// Something went wrong with this tile; it is tried again when the run is started again.
  case failed(Failure)
}

/// A finished tile that cannot be read as it was written: it counts as not done from now on.
public struct DamagedTile: Error, CustomStringConvertible {
  public let path: String
  public let reason: String

  public var description: String { "the finished tile \(path) is damaged: \(reason)" }
}

/// Where finished tiles of each stage lie, and which are done.
///
/// A tile is committed whole or not at all, by one writer; readers see only committed tiles. Memory holds
/// none of them.
public protocol TileStore: Sendable {
  /// How the tile ended, or nil while it has not.
  func state(of tile: TileIndex, in stage: Stage) throws -> TileState?

  /// Keeps a tile's values, [row, column], NaN where there is none, and how unsure an ensemble is of each, if that is to
  /// be kept: before the values, so that a tile that is done has it.
  func commit(_ values: [Float], spread: [Float]?, of tile: TileIndex, in stage: Stage) throws

  /// Notes that a tile has nothing to show, and why.
  func skip(_ tile: TileIndex, in stage: Stage, because reason: String) throws

  /// Notes what went wrong with a tile; a later commit takes the note away.
  func fail(_ tile: TileIndex, in stage: Stage, because failure: Failure) throws

  /// Forgets how a tile ended.
  func discard(_ tile: TileIndex, in stage: Stage) throws

  /// The committed values.
  ///
  /// - Throws: `DamagedTile` where they are not what was committed; the tile is not done then.
  func values(of tile: TileIndex, in stage: Stage) throws -> [Float]

  /// Whether a spread was kept with a tile.
  func hasSpread(of tile: TileIndex, in stage: Stage) throws -> Bool

  /// The spread that was kept with a tile; as `values`.
  func spread(of tile: TileIndex, in stage: Stage) throws -> [Float]
}

extension TileStore {
  /// Keeps a tile's values alone.
  public func commit(_ values: [Float], of tile: TileIndex, in stage: Stage) throws {
    try commit(values, spread: nil, of: tile, in: stage)
  }

  /// Those of some tiles that have failed, in their order.
  func failures(among tiles: [TileIndex], in stage: Stage) throws -> [FailedTile] {
    try tiles.compactMap { tile in
      guard case .failed(let failure)? = try state(of: tile, in: stage) else { return nil }
      return FailedTile(tile, in: stage, failure)
    }
  }
}

public import Grids

/// A pass over a scene whose results are stored tile by tile.
public enum Stage: Hashable, Sendable {
  /// Relative heights of the whole scene at low resolution.
  case overview
  /// Relative heights at the working resolution, each tile with its own scale and offset.
  case coarse
  /// The inputs of the refining steps, for joint refinement.
  case conditions
  /// The detail that a step of joint refinement, counted from 1, adds to the coarse map.
  case detail(Int)
  /// The calibrated surface of the coarse tiles, refined with the image.
  case refined
}

extension Stage: RawRepresentable, Codable {
  /// The name of the stage, which is also the name of its folder.
  public var rawValue: String {
    switch self {
    case .overview: "overview"
    case .coarse: "coarse"
    case .conditions: "conditions"
    case .detail(let step): "detail-\(step)"
    case .refined: "refined"
    }
  }

  /// Creates a stage from its name; returns nil if there is no such stage.
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

/// The final state of a planned tile.
public enum TileState: Hashable, Sendable {
  /// The tile has heights.
  case done
  /// The tile has no heights because it has nothing to process, for the given reason.
  case skipped(String)
  /// The tile failed; the next run retries it.
  case failed(Failure)
}

/// An error for a finished tile whose file is not as it was written; the tile then counts as not done.
public struct DamagedTile: Error, CustomStringConvertible {
  /// The path of the tile's file.
  public let path: String
  /// What is wrong with the file.
  public let reason: String

  /// The message.
  public var description: String { "the finished tile \(path) is damaged: \(reason)" }
}

/// A store for the finished tiles of each stage.
///
/// A tile is committed completely or not at all, by a single writer; readers get committed tiles only. Tiles are not
/// kept in memory.
public protocol TileStore: Sendable {
  /// Returns the state of a tile; nil if it has not been processed.
  func state(of tile: TileIndex, in stage: Stage) throws -> TileState?

  /// Stores a tile's values and, optionally, the spread of an ensemble.
  ///
  /// The spread is stored before the values, so that a finished tile always has it.
  ///
  /// - Parameters:
  ///   - values: The heights as `[row, column]`, NaN where there is none.
  ///   - spread: The standard deviation of the ensemble's members, `[row, column]`; nil to store none.
  ///   - tile: The tile.
  ///   - stage: The stage.
  /// - Throws: An error if the tile cannot be stored.
  func commit(_ values: [Float], spread: [Float]?, of tile: TileIndex, in stage: Stage) throws

  /// Records that a tile has nothing to process, and the reason.
  func skip(_ tile: TileIndex, in stage: Stage, because reason: String) throws

  /// Records the failure of a tile; a later commit removes it.
  func fail(_ tile: TileIndex, in stage: Stage, because failure: Failure) throws

  /// Removes everything stored for a tile.
  func discard(_ tile: TileIndex, in stage: Stage) throws

  /// Returns the committed values of a tile.
  ///
  /// - Throws: `DamagedTile` if they are not as they were committed; the tile then counts as not done.
  func values(of tile: TileIndex, in stage: Stage) throws -> [Float]

  /// Returns whether a spread is stored with a tile.
  func hasSpread(of tile: TileIndex, in stage: Stage) throws -> Bool

  /// Returns the spread stored with a tile.
  ///
  /// - Throws: `DamagedTile`, as `values(of:in:)`.
  func spread(of tile: TileIndex, in stage: Stage) throws -> [Float]
}

extension TileStore {
  /// Stores a tile's values without a spread.
  public func commit(_ values: [Float], of tile: TileIndex, in stage: Stage) throws {
    try commit(values, spread: nil, of: tile, in: stage)
  }

  /// Returns the failures among some tiles, in their order.
  func failures(among tiles: [TileIndex], in stage: Stage) throws -> [FailedTile] {
    try tiles.compactMap { tile in
      guard case .failed(let failure)? = try state(of: tile, in: stage) else { return nil }
      return FailedTile(tile, in: stage, failure)
    }
  }
}

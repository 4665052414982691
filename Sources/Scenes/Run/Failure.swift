public import Grids
import TileModels
import Files
import Rasters

/// The reason why one tile has no heights, while the rest of the run continued.
public struct Failure: Error, Hashable, Sendable, Codable {
  /// The category of a failure; the raw value is the exit code.
  public enum Kind: Int, Sendable, Codable {
    /// The scene's pixels cannot be decoded, or the network returned no heights for them.
    case badData = 65
    /// Reading failed; a retry may help.
    case io = 74
  }

  /// The category.
  public let kind: Kind
  /// The error message.
  public let reason: String

  /// Creates a failure.
  public init(_ kind: Kind, _ reason: String) {
    self.kind = kind
    self.reason = reason
  }

  /// Converts an error that was thrown while one tile was read and processed; nil for errors that end the whole run.
  ///
  /// Networks may throw any error: unknown errors are failures of the tile.
  public init?(_ error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case is CancellationError, is DamagedTile, is FileError: return nil
    case let error as RasterError:
      switch error.kind {
      case .badData: self.init(.badData, error.message)
      case .io: self.init(.io, error.message)
      default: return nil
      }
    case let error as SceneError:
      // Failures of the scene are `RasterError`s, so other kinds of `SceneError` come from the store.
      guard error.kind == .badData else { return nil }
      self.init(.badData, error.message)
    case let error as ModelError: self.init(error.kind == .io ? .io : .badData, error.message)
    default: self.init(.badData, "\(error)")
    }
  }
}

/// A planned tile that has no heights, with the reason.
public struct FailedTile: Hashable, Sendable, Codable, CustomStringConvertible {
  /// The stage in which the tile failed.
  public let stage: StageName
  /// The tile.
  public let tile: TileIndex
  /// The reason.
  public let failure: Failure

  /// Creates the record of a failed tile.
  public init(_ tile: TileIndex, in stage: StageName, _ failure: Failure) {
    self.stage = stage
    self.tile = tile
    self.failure = failure
  }

  /// A text such as `coarse tile row 3, column 12: 65, the reason`.
  public var description: String {
    "\(stage.rawValue) tile row \(tile.row), column \(tile.column): "
      + "\(failure.kind.rawValue), \(failure.reason)"
  }
}

extension [FailedTile] {
  /// The common category: `.io` if any tile may succeed on a retry, else `.badData`.
  public var kind: Failure.Kind { contains { $0.failure.kind == .io } ? .io : .badData }

  /// The descriptions of the first 20 tiles, followed by the number of remaining tiles.
  public var texts: [String] {
    prefix(20).map(\.description) + (count > 20 ? ["and \(count - 20) more"] : [])
  }
}

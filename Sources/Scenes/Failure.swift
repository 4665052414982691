public import Grids
import DepthModels
import Files
import Rasters

/// Why one tile got no heights, while the rest of the run went on.
public struct Failure: Error, Hashable, Sendable, Codable {
  /// Whose fault it is, as the exit code that says so.
  public enum Kind: Int, Sendable, Codable {
    /// The scene's pixels cannot be decoded, or the network gave no heights for them.
    case badData = 65
    /// Reading failed; trying again may help.
    case io = 74
  }

  public let kind: Kind
  public let reason: String

  public init(_ kind: Kind, _ reason: String) {
    self.kind = kind
    self.reason = reason
  }

  /// From what was thrown while one tile was read and seen; nil for what concerns the whole run.
  ///
  /// Networks may throw what they like: whatever is not known here is the tile's.
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
      // The scene's own failures are of `RasterError`: what fails here otherwise is the store.
      guard error.kind == .badData else { return nil }
      self.init(.badData, error.message)
    case let error as ModelError: self.init(error.kind == .io ? .io : .badData, error.message)
    default: self.init(.badData, "\(error)")
    }
  }
}

/// A planned tile that got no heights, and why.
public struct FailedTile: Hashable, Sendable, Codable, CustomStringConvertible {
  public let stage: Stage
  public let tile: TileIndex
  public let failure: Failure

  public init(_ tile: TileIndex, in stage: Stage, _ failure: Failure) {
    self.stage = stage
    self.tile = tile
    self.failure = failure
  }

  /// As `coarse tile row 3, column 12: 65, the reason`.
  public var description: String {
    "\(stage.rawValue) tile row \(tile.row), column \(tile.column): "
      + "\(failure.kind.rawValue), \(failure.reason)"
  }
}

extension [FailedTile] {
  /// Bad data, unless any of them may be cured by trying again.
  public var kind: Failure.Kind { contains { $0.failure.kind == .io } ? .io : .badData }

  /// One text a tile, and for what is more than twenty their number.
  public var texts: [String] {
    prefix(20).map(\.description) + (count > 20 ? ["and \(count - 20) more"] : [])
  }
}

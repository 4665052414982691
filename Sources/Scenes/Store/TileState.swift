public import Grids

/// The final state of a planned tile.
public enum TileState: Hashable, Sendable {
  /// The tile has heights.
  case done
  /// The tile has no heights because it has nothing to process, for the given reason.
  case skipped(String)
  /// The tile failed; the next run retries it.
  case failed(Failure)
}

/// An error for a finished tile whose file is not as it was written; `RunStore.discard` makes a run compute it again.
public struct DamagedTile: Error, CustomStringConvertible {
  /// The tile.
  public let tile: TileIndex
  /// The stage of the tile.
  public let stage: StageName
  /// The path of the tile's file.
  public let path: String
  /// What is wrong with the file.
  public let reason: String

  /// The message.
  public var description: String { "the finished tile \(path) is damaged: \(reason)" }
}

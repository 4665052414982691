/// What a run tells while it goes on.
public enum RunProgress: Sendable {
  /// The share of the scene that its measuring has read, before there is a plan.
  case measuring(Double)
  /// Tiles of a stage that have ended, of all that it has.
  case tiles(Stage, finished: Int, of: Int)
  /// Rows of the output that are written, and then the share of the final copy.
  case merging(Double)
  case finishing(Double)
}

/// Called on any thread, one call at a time.
public typealias ProgressHandler = @Sendable (RunProgress) -> Void

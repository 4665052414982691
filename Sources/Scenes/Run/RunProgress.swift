/// Progress reported during a run.
public enum RunProgress: Sendable {
  /// The share of the scene that has been measured, 0…1; reported before there is a plan.
  case measuring(Double)
  /// The number of finished tiles of a stage, out of all its tiles.
  case tiles(StageName, finished: Int, of: Int)
  /// The share of the output's rows that have been blended and written, 0…1.
  case merging(Double)
  /// The share of the final copy and verification of the outputs that is done, 0…1.
  case finishing(Double)
}

/// A handler that is called on any thread, one call at a time.
public typealias ProgressHandler = @Sendable (RunProgress) -> Void

import Foundation

/// What a store says about an unfinished run, before it is opened for writing.
extension RunStore {
  /// Whether a store contains a plan, and so the tiles of an unfinished run.
  ///
  /// - Throws: `FileError` if the plan exists but cannot be read: its tiles must not be taken for garbage.
  static func hasPlan(in objects: any TileStore) throws -> Bool {
    try objects.read(planName) != nil
  }

  /// Whether a store contains the tiles of an unfinished run with this plan.
  public static func isUnfinished(_ plan: ScenePlan, in objects: any TileStore) throws -> Bool {
    guard let data = try objects.read(planName),
      let found = try? ScenePlan(file: Data(data), path: objects.location)
    else { return false }
    return try found.hash == plan.hash
  }

  /// Whether the unfinished run in a store may replace the output.
  static func mayOverwrite(in objects: any TileStore) throws -> Bool {
    try hasPlan(in: objects) && objects.read(overwriteName) != nil
  }
}

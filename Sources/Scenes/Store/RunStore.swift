import Files
import Foundation
public import Grids
import Synchronization

/// The results of a run in a tile store: one sealed object for each tile and stage, and the plan that they belong to.
///
///     plan.json
///     overwrite                     present if an output of another plan may be replaced
///     coarse/r00003c00012.tile      little-endian Float32: the values `[row, column]`, and the ensemble's spread if wanted
///     coarse/r00003c00013.skipped   the reason as text
///     coarse/r00003c00014.failed    the exit code of the failure, and the reason
///     refined/basis                 a digest of the inputs of the stage's tiles
///
/// `Seal` defines how damage is detected. A run resumes from a store with the same plan, and rejects a store with
/// another plan. Each stage is listed once, until `refresh`.
public final class RunStore: Sendable {
  /// The plan that the tiles belong to.
  public let plan: ScenePlan
  /// Where the objects are.
  public let objects: any TileStore
  let seal: Seal
  /// The states of the tiles of each stage that has been listed.
  private let known = Mutex<[Stage: [TileIndex: Entry]]>([:])
  let isReadOnly: Bool

  struct Entry {
    let state: TileState
    var hasSpread = false
  }

  static let planName = "plan.json"
  static let overwriteName = "overwrite"

  /// Opens a store for a plan.
  ///
  /// - Parameters:
  ///   - objects: The place of the results.
  ///   - plan: The plan of the tiles.
  ///   - replacing: Whether to discard all stored tiles, of this or another plan, and allow the output to be replaced.
  /// - Throws: `SceneError` if the store belongs to another plan and `replacing` is false; `FileError` if it cannot be
  ///   read or written.
  public init(_ objects: any TileStore, plan: ScenePlan, replacing: Bool) throws {
    (self.objects, self.plan, isReadOnly) = (objects, plan, false)
    seal = Seal(plan: try plan.hash)
    let found = try Self.plan(in: objects, replacing: replacing)
    let isSame = try found?.hash == plan.hash
    if let found, !isSame, !replacing {
      throw SceneError(
        .cannotCreate,
        """
        \(objects.location) holds the tiles of an unfinished run with another plan; it differs in \
        \(try plan.differences(from: found).joined(separator: ", "))
        give --overwrite to start over, or the same options to resume
        """)
    }
    if !isSame || replacing { try objects.clear() }
    if replacing {
      try objects.write([UInt8]().span.bytes, to: Self.overwriteName, isDurable: false)
    }
    try objects.write(Array(plan.fileData).span.bytes, to: Self.planName, isDurable: true)
  }

  /// Opens the store of an unfinished run; changes nothing.
  ///
  /// - Throws: `SceneError` if it has no plan, or the plan cannot be read.
  public init(reading objects: any TileStore) throws {
    (self.objects, isReadOnly) = (objects, true)
    let path = objects.location + "/" + Self.planName
    guard let data = try objects.read(Self.planName) else {
      throw SceneError(.badData, "\(objects.location) has no \(Self.planName)")
    }
    plan = try ScenePlan(file: Data(data), path: path)
    seal = Seal(plan: try plan.hash)
  }

  /// The plan of a store; nil if there is none, or if it cannot be read and `replacing` is true.
  private static func plan(in objects: any TileStore, replacing: Bool) throws -> ScenePlan? {
    do {
      guard let data = try objects.read(planName) else { return nil }
      return try ScenePlan(file: Data(data), path: "\(objects.location)/\(planName)")
    } catch {
      guard replacing else { throw error }
      return nil
    }
  }
}

/// Results of tiles.
extension RunStore {
  /// The state of a tile; nil while it is not done, skipped, or failed.
  public func state(of tile: TileIndex, in stage: Stage) throws -> TileState? {
    try entry(tile, stage)?.state
  }

  /// Whether a spread is stored with a tile.
  public func hasSpread(of tile: TileIndex, in stage: Stage) throws -> Bool {
    try entry(tile, stage)?.hasSpread ?? false
  }

  /// Stores a tile's values and, optionally, the spread of an ensemble; replaces its earlier state.
  ///
  /// - Parameters:
  ///   - values: The heights as `[row, column]`, NaN where there is none.
  ///   - spread: The standard deviation of the ensemble's members, `[row, column]`; nil to store none.
  ///   - tile: The tile.
  ///   - stage: The stage.
  /// - Throws: `FileError` if the tile cannot be stored.
  public func commit(
    _ values: [Float], spread: [Float]? = nil, of tile: TileIndex, in stage: Stage
  ) throws {
    let count = plan.numbers(of: stage)
    precondition(
      values.count == count && spread.map { $0.count == count } ?? true,
      "wrong number of values for the stage")
    let payload = spread.map { values + $0 } ?? values
    try end(tile, stage, "tile", payload.span.bytes, Entry(state: .done, hasSpread: spread != nil))
  }

  /// Stores the numbers of a task that is not a tile.
  func commit(_ numbers: [Double], of task: TileIndex, in stage: Stage) throws {
    precondition(2 * numbers.count == plan.numbers(of: stage), "wrong number of values")
    try end(task, stage, "tile", numbers.span.bytes, Entry(state: .done))
  }

  /// Records that a tile has nothing to process, and the reason.
  public func skip(_ tile: TileIndex, in stage: Stage, because reason: String) throws {
    try end(
      tile, stage, "skipped", Array(reason.utf8).span.bytes, Entry(state: .skipped(reason)))
  }

  /// Records the failure of a tile; a later commit removes it.
  public func fail(_ tile: TileIndex, in stage: Stage, because failure: Failure) throws {
    let text = "\(failure.kind.rawValue) \(failure.reason)"
    try end(tile, stage, "failed", Array(text.utf8).span.bytes, Entry(state: .failed(failure)))
  }

  /// Returns what is known about a tile; lists its stage the first time.
  private func entry(_ tile: TileIndex, _ stage: Stage) throws -> Entry? {
    // Looked up inside the lock: a copy of the table would make the next commit copy all of it.
    let found = known.withLock { known in known[stage].map { $0[tile] } }
    if let found { return found }
    let listed = try listed(stage)
    return known.withLock { known in
      if known[stage] == nil { known[stage] = listed }
      return known[stage]?[tile]
    }
  }

  private func end(
    _ tile: TileIndex, _ stage: Stage, _ suffix: String, _ payload: RawSpan, _ entry: Entry
  ) throws {
    let before = try self.entry(tile, stage)?.state
    try write(payload, to: Self.name(tile, stage, suffix))
    known.withLock { $0[stage, default: [:]][tile] = entry }
    if case .failed? = before, suffix != "failed" {
      try objects.remove(Self.name(tile, stage, "failed"))
    }
  }

  /// Removes everything stored for a tile.
  public func discard(_ tile: TileIndex, in stage: Stage) throws {
    for suffix in Self.suffixes { try objects.remove(Self.name(tile, stage, suffix)) }
    known.withLock { $0[stage]?[tile] = nil }
  }

  /// The stored values of a tile.
  ///
  /// - Throws: `DamagedTile` if they are not what was written; the tile is then discarded.
  public func values(of tile: TileIndex, in stage: Stage) throws -> [Float] {
    let (all, count) = (try numbers(of: tile, in: stage), plan.numbers(of: stage))
    return all.count == count ? all : Array(all.prefix(count))
  }

  /// The stored numbers of a task that is not a tile.
  ///
  /// - Throws: `DamagedTile`, as `values(of:in:)`.
  func doubles(of task: TileIndex, in stage: Stage) throws -> [Double] {
    try numbers(of: task, in: stage).withUnsafeBytes { Array($0.bindMemory(to: Double.self)) }
  }

  /// The stored spread of a tile that has one.
  ///
  /// - Throws: `DamagedTile`, as `values(of:in:)`.
  public func spread(of tile: TileIndex, in stage: Stage) throws -> [Float] {
    Array(try numbers(of: tile, in: stage).dropFirst(plan.numbers(of: stage)))
  }
}

/// Whole stages.
extension RunStore {
  /// Forgets which tiles are finished, so that stages are listed again: another process may have finished more.
  public func refresh() { known.withLock { $0 = [:] } }

  /// Returns the failures among some tiles, in their order.
  func failures(among tiles: [TileIndex], in stage: Stage) throws -> [FailedTile] {
    try tiles.compactMap { tile in
      guard case .failed(let failure)? = try state(of: tile, in: stage) else { return nil }
      return FailedTile(tile, in: stage, failure)
    }
  }

  /// Reads all tiles that are done, and discards damaged ones.
  ///
  /// - Returns: The number of damaged tiles.
  func discardDamaged() throws -> Int {
    var count = 0
    for stage in plan.stages {
      for tile in plan.tasks(of: stage) where try state(of: tile, in: stage) == .done {
        try Task.checkCancellation()
        do { _ = try numbers(of: tile, in: stage) } catch is DamagedTile { count += 1 }
      }
    }
    return count
  }

  /// Discards the tiles of a stage unless they were computed from the same inputs.
  ///
  /// - Parameters:
  ///   - stage: The stage to begin.
  ///   - basis: A digest of the inputs of its tiles.
  /// - Throws: `FileError` if a tile cannot be removed, or the digest cannot be written.
  func begin(_ stage: Stage, on basis: String) throws {
    let name = "\(stage.rawValue)/basis"
    guard try text(name) != basis else { return }
    for file in try objects.list(stage.rawValue).keys.sorted() {
      try objects.remove("\(stage.rawValue)/\(file)")
    }
    known.withLock { $0[stage] = [:] }
    try write(Array(basis.utf8).span.bytes, to: name)
  }
}

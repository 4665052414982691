import Files
import Foundation
public import Grids
import Synchronization

/// The results of a run in a tile store: one sealed object for each task and stage, and the plan that they belong to.
///
///     plan.json
///     overwrite                     present if an output of another plan may be replaced
///     coarse/r00003c00012.tile      little-endian Float32: the values `[row, column]`, and the ensemble's spread if wanted
///     coarse/r00003c00013.skipped   the reason as text
///     coarse/r00003c00014.failed    the exit code of the failure, and the reason
///     merge/r00002c00000.tif        a strip of the output
///     refined/basis                 a digest of the inputs of the stage's tasks
///
/// Tasks that are not tiles store Float64 numbers (`.tile`), or bytes under a suffix of their own. `Seal` defines how
/// damage is detected. A run resumes from a store with the same plan, and rejects a store with another plan. Each stage
/// is listed once, until `refresh`.
public final class RunStore: Sendable {
  /// The plan that the tiles belong to.
  public let plan: ScenePlan
  /// Where the objects are.
  public let objects: any TileStore
  /// The stages of the plan, in execution order.
  let stages: [any Stage]
  private let stagesByName: [StageName: any Stage]
  let seal: Seal
  let cache = TileCache()
  /// The states of the tiles of each stage that has been listed.
  private let known = Mutex<[StageName: [TileIndex: Entry]]>([:])

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
  ///   - layers: The quality layers written next to the output.
  ///   - replacing: Whether to discard all stored tiles, of this or another plan, and allow the output to be replaced.
  /// - Throws: `SceneError` if the store belongs to another plan and `replacing` is false; `FileError` if it cannot be
  ///   read or written.
  public init(
    _ objects: any TileStore, plan: ScenePlan, layers: Set<ConfidenceRaster> = [], replacing: Bool
  ) throws {
    (self.objects, self.plan) = (objects, plan)
    (stages, stagesByName) = Self.stages(of: plan, layers)
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
    self.objects = objects
    let path = objects.location + "/" + Self.planName
    guard let data = try objects.read(Self.planName) else {
      throw SceneError(.badData, "\(objects.location) has no \(Self.planName)")
    }
    plan = try ScenePlan(file: Data(data), path: path)
    (stages, stagesByName) = Self.stages(of: plan, [])
    seal = Seal(plan: try plan.hash)
  }

  private static func stages(
    of plan: ScenePlan, _ layers: Set<ConfidenceRaster>
  ) -> ([any Stage], [StageName: any Stage]) {
    let stages = plan.stages(layers)
    return (stages, Dictionary(uniqueKeysWithValues: stages.map { ($0.name, $0) }))
  }

  /// The tasks of a stage; empty if the plan does not include it.
  func tasks(of stage: StageName) -> [TileIndex] { stagesByName[stage]?.tasks ?? [] }

  /// What is stored for each task of a stage.
  func result(of stage: StageName) -> StageResult {
    guard let found = stagesByName[stage] else {
      preconditionFailure("the plan has no stage \(stage.rawValue)")
    }
    return found.result
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
  public func state(of tile: TileIndex, in stage: StageName) throws -> TileState? {
    try entry(tile, stage)?.state
  }

  /// Whether a spread is stored with a tile.
  public func hasSpread(of tile: TileIndex, in stage: StageName) throws -> Bool {
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
    _ values: [Float], spread: [Float]? = nil, of tile: TileIndex, in stage: StageName
  ) throws {
    requireSize(values.span.bytes, stage)
    if let spread { requireSize(spread.span.bytes, stage) }
    let payload = spread.map { values + $0 } ?? values
    let state = Entry(state: .done, hasSpread: spread != nil)
    try end(tile, stage, result(of: stage).suffix, payload.span.bytes, state)
  }

  /// Stores the result of a task; a spread only if the stage keeps it.
  func commit(_ result: TaskResult, of task: TileIndex, in stage: StageName) throws {
    let (kind, done) = (self.result(of: stage), Entry(state: .done))
    switch result {
    case .values(let values, let spread):
      let keepsSpread = if case .values(_, true) = kind { true } else { false }
      try commit(values, spread: keepsSpread ? spread : nil, of: task, in: stage)
    case .numbers(let numbers):
      requireSize(numbers.span.bytes, stage)
      try end(task, stage, kind.suffix, numbers.span.bytes, done)
    case .bytes(let bytes): try end(task, stage, kind.suffix, bytes.span.bytes, done)
    case .nothing(let reason): try skip(task, in: stage, because: reason)
    }
  }

  private func requireSize(_ payload: RawSpan, _ stage: StageName) {
    precondition(payload.byteCount == result(of: stage).size, "a wrong number of values")
  }

  /// Records that a tile has nothing to process, and the reason.
  public func skip(_ tile: TileIndex, in stage: StageName, because reason: String) throws {
    try end(
      tile, stage, "skipped", Array(reason.utf8).span.bytes, Entry(state: .skipped(reason)))
  }

  /// Records the failure of a tile; a later commit removes it.
  public func fail(_ tile: TileIndex, in stage: StageName, because failure: Failure) throws {
    let text = "\(failure.kind.rawValue) \(failure.reason)"
    try end(tile, stage, "failed", Array(text.utf8).span.bytes, Entry(state: .failed(failure)))
  }

  /// Returns what is known about a tile; lists its stage the first time.
  private func entry(_ tile: TileIndex, _ stage: StageName) throws -> Entry? {
    // Looked up inside the lock: a copy of the table would make the next commit copy all of it.
    let found = known.withLock { known in known[stage].map { $0[tile] } }
    if let found { return found }
    let listed = try listed(stage)
    return known.withLock { known in
      if known[stage] == nil { known[stage] = listed }
      return known[stage]?[tile]
    }
  }

  /// Forgets what is known about a stage, or about all of them.
  func forget(_ stage: StageName? = nil) {
    known.withLock { known in
      if let stage { known[stage] = nil } else { known = [:] }
    }
    forgetValues()
  }

  /// Frees the memory of the values that were read last.
  func forgetValues() { cache.removeAll() }

  private func end(
    _ tile: TileIndex, _ stage: StageName, _ suffix: String, _ payload: RawSpan, _ entry: Entry
  ) throws {
    let before = try self.entry(tile, stage)?.state
    try write(payload, to: Self.name(tile, stage, suffix))
    known.withLock { $0[stage, default: [:]][tile] = entry }
    if suffix == "tile" { cache.remove(tile, stage) }
    if case .failed? = before, suffix != "failed" {
      try objects.remove(Self.name(tile, stage, "failed"))
    }
  }

  /// Removes everything stored for a tile.
  public func discard(_ tile: TileIndex, in stage: StageName) throws {
    for suffix in [result(of: stage).suffix] + Self.noteSuffixes {
      try objects.remove(Self.name(tile, stage, suffix))
    }
    cache.remove(tile, stage)
    known.withLock { $0[stage]?[tile] = nil }
  }

  /// The stored values of a tile.
  ///
  /// - Throws: `DamagedTile` if they are not what was written; `discard` makes a run compute the tile again.
  public func values(of tile: TileIndex, in stage: StageName) throws -> [Float] {
    let (all, count) = (try numbers(of: tile, in: stage), count(stage))
    return all.count == count ? all : Array(all.prefix(count))
  }

  /// The stored spread of a tile that has one.
  ///
  /// - Throws: `DamagedTile`, as `values(of:in:)`.
  public func spread(of tile: TileIndex, in stage: StageName) throws -> [Float] {
    Array(try numbers(of: tile, in: stage).dropFirst(count(stage)))
  }

  /// The number of Float32 values of a tile, without spreads.
  package func count(_ stage: StageName) -> Int {
    (result(of: stage).size ?? 0) / MemoryLayout<Float>.size
  }

  /// The stored Float64 numbers of a task.
  ///
  /// - Throws: `DamagedTile`, as `values(of:in:)`.
  func doubles(of task: TileIndex, in stage: StageName) throws -> [Double] {
    let payload = try payload(of: task, in: stage)
    return [Double](unsafeUninitializedCapacity: payload.count / 8) { numbers, count in
      payload.withUnsafeBytes { UnsafeMutableRawBufferPointer(numbers).copyMemory(from: $0) }
      count = numbers.count
    }
  }
}

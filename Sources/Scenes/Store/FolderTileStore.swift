import Files
import Foundation
public import Grids

/// A folder with one file per tile and stage, and the plan that they belong to.
///
///     NAME.relief/plan.json
///     NAME.relief/run.lock                      locked by the active run
///     NAME.relief/overwrite                     present if an output of another plan may be replaced
///     NAME.relief/coarse/r00003c00012.f32       little-endian Float32, `[row, column]`, and a seal
///     NAME.relief/coarse/r00003c00012.spread    the ensemble's spread in the same format, if wanted
///     NAME.relief/coarse/r00003c00013.skipped   the reason as text, and a seal
///     NAME.relief/coarse/r00003c00014.failed    the exit code of the failure, the reason, and a seal
///     NAME.relief/refined/basis                 a digest of the inputs of the stage's tiles, and a seal
///
/// `TileFile` defines the seal. Files are created by renaming, so an existing file is complete; names that begin with a
/// dot are temporary files. A run resumes from a folder with the same plan, and rejects a folder with another plan.
public final class FolderTileStore: TileStore {
  /// The path of the folder.
  public let folder: String
  /// The plan that the tiles belong to.
  public let plan: ScenePlan
  private let planHash: String
  /// Nil when the store was opened read-only.
  let lock: FolderLock?

  /// Opens or creates the folder for a plan, and locks it for writing.
  ///
  /// - Parameters:
  ///   - folder: The path of the folder.
  ///   - plan: The plan of the tiles.
  ///   - replacing: Whether to discard all stored tiles, of this or another plan, and allow the output to be replaced.
  /// - Throws: `SceneError` if another run has locked the folder, or if it belongs to another plan and `replacing` is
  ///   false; `FileError` if it cannot be created or emptied.
  public init(_ folder: String, plan: ScenePlan, replacing: Bool) throws {
    self.folder = folder
    self.plan = plan
    planHash = try plan.hash
    try Self.requireStore(folder)
    lock = try FolderLock(folder)
    try Self.requireStore(folder)
    let found = try Self.plan(in: folder, replacing: replacing)
    let isSame = try found?.hash == plan.hash
    if let found, !isSame, !replacing {
      throw SceneError(
        .cannotCreate,
        """
        \(folder) holds the tiles of an unfinished run with another plan; it differs in \
        \(try plan.differences(from: found).joined(separator: ", "))
        give --overwrite to start over, or the same options to resume
        """)
    }
    if isSame, !replacing { try removeLeftovers() } else { try Self.clear(folder) }
    if replacing { try NewFile.write("", to: folder + "/" + Self.overwriteName) }
    try NewFile.write(plan.fileData.bytes, to: folder + "/" + Self.planName, isDurable: true)
    for stage in plan.stages { try Self.makeFolder(directory(of: stage)) }
  }

  /// Opens the folder of an unfinished run read-only; changes nothing and takes no lock.
  ///
  /// - Throws: `SceneError` if the folder has no plan, or the plan cannot be read.
  public init(reading folder: String) throws {
    self.folder = folder
    lock = nil
    guard let data = try Self.planData(in: folder) else {
      throw SceneError(.badData, "\(folder) has no \(Self.planName)")
    }
    plan = try ScenePlan(file: data, path: "\(folder)/\(Self.planName)")
    planHash = try plan.hash
  }

  /// The plan of a folder; nil if there is none, or if it cannot be read and `replacing` is true.
  private static func plan(in folder: String, replacing: Bool) throws -> ScenePlan? {
    do {
      guard let data = try planData(in: folder) else { return nil }
      return try ScenePlan(file: data, path: "\(folder)/\(planName)")
    } catch {
      guard replacing else { throw error }
      return nil
    }
  }

  /// Whether a folder contains the tiles of an unfinished run with this plan.
  public static func isUnfinished(_ plan: ScenePlan, in folder: String) throws -> Bool {
    guard let data = try planData(in: folder), let found = try? ScenePlan(file: data, path: folder)
    else { return false }
    return try found.hash == plan.hash
  }

  /// The state of a tile; nil while it is not done, skipped, or failed.
  public func state(of tile: TileIndex, in stage: Stage) throws -> TileState? {
    if hasAllBytes(tile, stage, "f32") { return .done }
    if let reason = file(tile, stage, "skipped").text() { return .skipped(reason) }
    guard let note = file(tile, stage, "failed").text()?.split(separator: " ", maxSplits: 1),
      note.count == 2, let code = Int(note[0]), let kind = Failure.Kind(rawValue: code)
    else { return nil }
    return .failed(Failure(kind, String(note[1])))
  }

  /// Whether a file of numbers has the expected size; reading it verifies the contents.
  private func hasAllBytes(_ tile: TileIndex, _ stage: Stage, _ suffix: String) -> Bool {
    guard let status = FileStatus(file(tile, stage, suffix).path) else { return false }
    return status.kind == .regular
      && status.size == plan.numbers(of: stage) * MemoryLayout<Float>.size + TileFile.sealSize
  }

  /// Stores the values of a tile and its spread, spread first, and removes a note of a failure.
  public func commit(
    _ values: [Float], spread: [Float]?, of tile: TileIndex, in stage: Stage
  ) throws {
    requireLock()
    for (samples, suffix) in [(spread, "spread"), (values, "f32")] {
      guard let samples else { continue }
      precondition(samples.count == plan.numbers(of: stage), "wrong number of values for the stage")
      try file(tile, stage, suffix).write(samples.span.bytes)
    }
    unlink(file(tile, stage, "failed").path)
  }

  /// Records that a tile has no heights, with the reason, and removes a note of a failure.
  public func skip(_ tile: TileIndex, in stage: Stage, because reason: String) throws {
    try write(reason, to: file(tile, stage, "skipped"))
    unlink(file(tile, stage, "failed").path)
  }

  /// Records the failure of a tile.
  public func fail(_ tile: TileIndex, in stage: Stage, because failure: Failure) throws {
    try write("\(failure.kind.rawValue) \(failure.reason)", to: file(tile, stage, "failed"))
  }

  /// Removes all files of a tile.
  public func discard(_ tile: TileIndex, in stage: Stage) throws {
    // Remove the spread first: a spread without its tile would be taken for that of a later one.
    for suffix in ["spread", "f32", "skipped", "failed"] {
      try Self.remove(file(tile, stage, suffix).path)
    }
  }

  /// The stored values of a tile.
  ///
  /// - Throws: `DamagedTile` if they are not what was written; a store opened for writing then discards the tile.
  public func values(of tile: TileIndex, in stage: Stage) throws -> [Float] {
    try samples(of: tile, in: stage, "f32")
  }

  /// Whether the spread of a tile is stored.
  public func hasSpread(of tile: TileIndex, in stage: Stage) throws -> Bool {
    hasAllBytes(tile, stage, "spread")
  }

  /// The stored spread of a tile.
  ///
  /// - Throws: `DamagedTile`, as `values(of:in:)`.
  public func spread(of tile: TileIndex, in stage: Stage) throws -> [Float] {
    try samples(of: tile, in: stage, "spread")
  }

  private func samples(of tile: TileIndex, in stage: Stage, _ suffix: String) throws -> [Float] {
    let file = file(tile, stage, suffix)
    let reason: String
    do {
      if let bytes = try file.read(), bytes.count == plan.numbers(of: stage) * 4 {
        return [Float](unsafeUninitializedCapacity: bytes.count / 4) { buffer, count in
          bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0) }
          count = buffer.count
        }
      }
      reason = "its size or checksum does not match"
    } catch {
      reason = error.description
    }
    if lock != nil { try discard(tile, in: stage) }
    throw DamagedTile(path: file.path, reason: reason)
  }

  /// Reads all tiles that are done, and discards damaged ones.
  ///
  /// - Returns: The number of damaged tiles.
  func discardDamaged() throws -> Int {
    var count = 0
    for stage in plan.stages {
      for tile in plan.tiles(of: stage) where try state(of: tile, in: stage) == .done {
        try Task.checkCancellation()
        do {
          _ = try values(of: tile, in: stage)
          if try hasSpread(of: tile, in: stage) { _ = try spread(of: tile, in: stage) }
        } catch is DamagedTile {
          count += 1
        }
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
    let file = TileFile("\(stage.rawValue)/basis", in: folder, plan: planHash)
    guard file.text() != basis else { return }
    let directory = directory(of: stage)
    for name in try Self.names(in: directory) { try Self.remove(directory + "/" + name) }
    try write(basis, to: file)
  }

  func directory(of stage: Stage) -> String { folder + "/" + stage.rawValue }

  private func file(_ tile: TileIndex, _ stage: Stage, _ suffix: String) -> TileFile {
    TileFile(
      "\(stage.rawValue)/" + String(format: "r%05dc%05d", tile.row, tile.column) + ".\(suffix)",
      in: folder, plan: planHash)
  }

  private func write(_ text: String, to file: TileFile) throws {
    requireLock()
    try file.write(Array(text.utf8).span.bytes)
  }

  private func requireLock() {
    precondition(lock != nil, "the store is read-only")
  }
}

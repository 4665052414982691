import Files
import Foundation
public import Grids

/// A folder with one file for each tile and stage, and the plan that they belong to.
///
///     NAME.relief/plan.json
///     NAME.relief/run.lock                      held by the run that is at work
///     NAME.relief/overwrite                     there if an output of another plan may be replaced
///     NAME.relief/coarse/r00003c00012.f32       little-endian Float32, [row, column], and a seal
///     NAME.relief/coarse/r00003c00012.spread    the same of how far an ensemble's members lie apart, if wanted
///     NAME.relief/coarse/r00003c00013.skipped   the reason, as text, and a seal
///     NAME.relief/coarse/r00003c00014.failed    the kind of failure as exit code, and the reason, and a seal
///     NAME.relief/refined/basis                 a digest of what the tiles of the stage were computed from, and a seal
///
/// The seal, and what it proves, is that of `TileFile`. Files appear by rename, so one that is there is whole; names that
/// begin with a dot are work in progress.
/// A folder that was left by a run with the same plan is gone on with; one of another plan is refused.
public final class FolderTileStore: TileStore {
  public let folder: String
  public let plan: ScenePlan
  private let planHash: String
  /// Nil for those who only read.
  let lock: FolderLock?

  /// Opens the folder for a plan, or makes it, and keeps all others from writing into it.
  ///
  /// - Parameters:
  ///   - folder: Its path.
  ///   - plan: What its tiles are of.
  ///   - replacing: Whether all that is stored is discarded, of the same plan or another, and the output may be replaced.
  /// - Throws: `SceneError` if another run is at work on it, or if it belongs to another plan and is not to be replaced;
  ///   `FileError` if it cannot be made or emptied.
  public init(_ folder: String, plan: ScenePlan, replacing: Bool) throws {
    self.folder = folder
    self.plan = plan
    planHash = try plan.hash
    try Self.requireOurs(folder)
    lock = try FolderLock(folder)
    try Self.requireOurs(folder)
    let found = try Self.plan(in: folder, replacing: replacing)
    let isSame = try found?.hash == plan.hash
    if let found, !isSame, !replacing {
      throw SceneError(
        .cannotCreate,
        """
        \(folder) holds the tiles of an unfinished run with another plan; it differs in \
        \(try plan.differences(from: found).joined(separator: ", "))
        give --overwrite to start anew, or the same options to go on
        """)
    }
    if isSame, !replacing { try removeLeftovers() } else { try Self.clear(folder) }
    if replacing { try NewFile.write("", to: folder + "/" + Self.overwriteName) }
    try NewFile.write(plan.fileData.bytes, to: folder + "/" + Self.planName, isDurable: true)
    for stage in plan.stages { try Self.makeFolder(directory(of: stage)) }
  }

  /// Opens the folder of an unfinished run to look at it; changes nothing and keeps nobody from writing.
  ///
  /// - Throws: `SceneError` if it has no plan, or one that cannot be read.
  public init(reading folder: String) throws {
    self.folder = folder
    lock = nil
    guard let data = Self.planData(in: folder) else {
      throw SceneError(.badData, "\(folder) has no \(Self.planName)")
    }
    plan = try ScenePlan(file: data, path: "\(folder)/\(Self.planName)")
    planHash = try plan.hash
  }

  /// The plan that a folder's tiles are of; nil for none, and for one that cannot be read and is to be replaced.
  private static func plan(in folder: String, replacing: Bool) throws -> ScenePlan? {
    guard let data = planData(in: folder) else { return nil }
    do {
      return try ScenePlan(file: data, path: "\(folder)/\(planName)")
    } catch {
      guard replacing else { throw error }
      return nil
    }
  }

  /// Whether a folder holds the tiles of an unfinished run with this plan.
  public static func isUnfinished(_ plan: ScenePlan, in folder: String) throws -> Bool {
    guard let data = planData(in: folder), let found = try? ScenePlan(file: data, path: folder)
    else { return false }
    return try found.hash == plan.hash
  }

  public func state(of tile: TileIndex, in stage: Stage) throws -> TileState? {
    if hasAllBytes(tile, stage, "f32") { return .done }
    if let reason = file(tile, stage, "skipped").text() { return .skipped(reason) }
    guard let note = file(tile, stage, "failed").text()?.split(separator: " ", maxSplits: 1),
      note.count == 2, let code = Int(note[0]), let kind = Failure.Kind(rawValue: code)
    else { return nil }
    return .failed(Failure(kind, String(note[1])))
  }

  /// Whether a file of numbers has its size; whether they are those that were written is seen when they are read.
  private func hasAllBytes(_ tile: TileIndex, _ stage: Stage, _ suffix: String) -> Bool {
    guard let status = FileStatus(file(tile, stage, suffix).path) else { return false }
    return status.kind == .regular
      && status.size == plan.numbers(of: stage) * MemoryLayout<Float>.size + TileFile.sealSize
  }

  public func commit(
    _ values: [Float], spread: [Float]?, of tile: TileIndex, in stage: Stage
  ) throws {
    requireLock()
    for (samples, suffix) in [(spread, "spread"), (values, "f32")] {
      guard let samples else { continue }
      precondition(samples.count == plan.numbers(of: stage), "a tile has one value for each pixel")
      try file(tile, stage, suffix).write(samples.span.bytes)
    }
    unlink(file(tile, stage, "failed").path)
  }

  public func skip(_ tile: TileIndex, in stage: Stage, because reason: String) throws {
    try write(reason, to: file(tile, stage, "skipped"))
    unlink(file(tile, stage, "failed").path)
  }

  public func fail(_ tile: TileIndex, in stage: Stage, because failure: Failure) throws {
    try write("\(failure.kind.rawValue) \(failure.reason)", to: file(tile, stage, "failed"))
  }

  public func discard(_ tile: TileIndex, in stage: Stage) throws {
    // The spread first: one without its tile would pass for that of the next.
    for suffix in ["spread", "f32", "skipped", "failed"] {
      try Self.remove(file(tile, stage, suffix).path)
    }
  }

  public func values(of tile: TileIndex, in stage: Stage) throws -> [Float] {
    try samples(of: tile, in: stage, "f32")
  }

  public func hasSpread(of tile: TileIndex, in stage: Stage) throws -> Bool {
    hasAllBytes(tile, stage, "spread")
  }

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
      reason = "its bytes are not those that were written"
    } catch {
      reason = error.description
    }
    if lock != nil { try discard(tile, in: stage) }
    throw DamagedTile(path: file.path, reason: reason)
  }

  /// Reads all tiles that are done, and discards those that are damaged.
  ///
  /// - Returns: How many those were.
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

  /// Discards the tiles of a stage unless they were computed from the same as now.
  ///
  /// - Parameters:
  ///   - stage: Which.
  ///   - basis: A digest of what they are computed from.
  /// - Throws: `FileError` if one cannot be removed, or the digest not be written.
  func begin(_ stage: Stage, on basis: String) throws {
    let file = TileFile("\(stage.rawValue)/basis", in: folder, plan: planHash)
    guard file.text() != basis else { return }
    let directory = directory(of: stage)
    for name in Self.names(in: directory) ?? [] { try Self.remove(directory + "/" + name) }
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
    precondition(lock != nil, "a store that is only read is not written to")
  }

}

extension Error {
  /// What Foundation found out, without its wrapping.
  var reason: String {
    let error = self as NSError
    let underlying = error.userInfo[NSUnderlyingErrorKey] as? NSError
    return (underlying ?? error).localizedDescription
  }
}

import Foundation
public import Grids

/// A folder with one file for each tile and stage, and the plan that they belong to.
///
///     NAME.relief/plan.json
///     NAME.relief/run.lock                      held by the run that is at work
///     NAME.relief/coarse/r00003c00012.f32       little-endian Float32, [row, column]
///     NAME.relief/coarse/r00003c00012.spread    the same of how far an ensemble's members lie apart, if wanted
///     NAME.relief/coarse/r00003c00013.skipped   the reason, as text
///     NAME.relief/coarse/r00003c00014.failed    the kind of failure as exit code, and the reason
///
/// Files appear by rename, so one that is there is whole; names that begin with a dot are work in progress.
/// A folder that was left by a run with the same plan is gone on with; one of another plan is refused.
public final class FolderTileStore: TileStore {
  public let folder: String
  public let plan: ScenePlan
  /// Nil for those who only read.
  let lock: FolderLock?

  /// Opens the folder for a plan, or makes it, and keeps all others from writing into it.
  ///
  /// - Throws: `SceneError` if another run is at work on it, if it belongs to another plan (unless that is
  ///   to be replaced), or if it cannot be made.
  public init(_ folder: String, plan: ScenePlan, replacing: Bool) throws {
    self.folder = folder
    self.plan = plan
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
        say --overwrite to start anew, or use the same options to go on
        """)
    }
    if isSame { try removeLeftovers() } else { try Self.clear(folder) }
    do {
      try write(plan.fileData, as: Self.planName, in: folder)
      for stage in plan.stages {
        try FileManager.default.createDirectory(
          atPath: directory(of: stage), withIntermediateDirectories: true)
      }
    } catch {
      throw SceneError(
        .cannotCreate, "cannot make the folder for finished tiles, \(folder): \(error.reason)")
    }
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

  /// Bytes of a finished tile's file.
  private func size(in stage: Stage) -> Int {
    plan.numbers(of: stage) * MemoryLayout<Float>.size
  }

  public func state(of tile: TileIndex, in stage: Stage) throws -> TileState? {
    if isWhole(tile, stage, "f32") { return .done }
    if let reason = text(tile, stage, "skipped") { return .skipped(reason) }
    guard let note = text(tile, stage, "failed")?.split(separator: " ", maxSplits: 1),
      note.count == 2, let code = Int(note[0]), let kind = Failure.Kind(rawValue: code)
    else { return nil }
    return .failed(Failure(kind, String(note[1])))
  }

  /// Whether all samples of a file are there; a torn one, as a power cut can leave it, counts as none.
  private func isWhole(_ tile: TileIndex, _ stage: Stage, _ suffix: String) -> Bool {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path(tile, stage, suffix))
    return attributes?[.size] as? Int == size(in: stage)
  }

  public func commit(
    _ values: [Float], spread: [Float]?, of tile: TileIndex, in stage: Stage
  ) throws {
    for (samples, suffix) in [(spread, "spread"), (values, "f32")] {
      guard let data = samples?.withUnsafeBytes({ Data($0) }) else { continue }
      precondition(data.count == size(in: stage), "a tile has one value for each pixel")
      try write(data, tile, stage, suffix)
    }
    unlink(path(tile, stage, "failed"))
  }

  public func skip(_ tile: TileIndex, in stage: Stage, because reason: String) throws {
    try write(Data(reason.utf8), tile, stage, "skipped")
    unlink(path(tile, stage, "failed"))
  }

  public func fail(_ tile: TileIndex, in stage: Stage, because failure: Failure) throws {
    try write(Data("\(failure.kind.rawValue) \(failure.reason)".utf8), tile, stage, "failed")
  }

  public func discard(_ tile: TileIndex, in stage: Stage) throws {
    // The spread first: one without its tile would pass for that of the next.
    for suffix in ["spread", "f32", "skipped", "failed"]
    where unlink(path(tile, stage, suffix)) != 0 {
      guard errno == ENOENT else { throw Self.lastError }
    }
  }

  public func values(of tile: TileIndex, in stage: Stage) throws -> [Float] {
    try samples(of: tile, in: stage, "f32")
  }

  public func hasSpread(of tile: TileIndex, in stage: Stage) throws -> Bool {
    isWhole(tile, stage, "spread")
  }

  public func spread(of tile: TileIndex, in stage: Stage) throws -> [Float] {
    try samples(of: tile, in: stage, "spread")
  }

  private func samples(of tile: TileIndex, in stage: Stage, _ suffix: String) throws -> [Float] {
    let file = path(tile, stage, suffix)
    let data: Data
    do {
      data = try Data(contentsOf: URL(filePath: file))
    } catch {
      // Seen again when the run is started again, which may then read it.
      if lock != nil { try discard(tile, in: stage) }
      throw SceneError(.io, "cannot read the finished tile \(file): \(error.reason)")
    }
    let expected = size(in: stage)
    guard data.count == expected else {
      throw SceneError(.io, "\(file) has \(data.count) bytes, expected \(expected)")
    }
    return [Float](unsafeUninitializedCapacity: expected / MemoryLayout<Float>.size) {
      buffer, count in
      count = data.copyBytes(to: buffer) / MemoryLayout<Float>.size
    }
  }

  func directory(of stage: Stage) -> String { folder + "/" + stage.rawValue }

  private func name(_ tile: TileIndex, _ suffix: String) -> String {
    String(format: "r%05dc%05d", tile.row, tile.column) + "." + suffix
  }

  private func path(_ tile: TileIndex, _ stage: Stage, _ suffix: String) -> String {
    directory(of: stage) + "/" + name(tile, suffix)
  }

  private func text(_ tile: TileIndex, _ stage: Stage, _ suffix: String) -> String? {
    FileManager.default.contents(atPath: path(tile, stage, suffix))
      .map { String(decoding: $0, as: UTF8.self) }
  }

  private func write(_ data: Data, _ tile: TileIndex, _ stage: Stage, _ suffix: String) throws {
    do {
      try write(data, as: name(tile, suffix), in: directory(of: stage))
    } catch {
      throw SceneError(.io, "cannot write \(path(tile, stage, suffix)): \(error.reason)")
    }
  }

  /// By a temporary file and a rename.
  private func write(_ data: Data, as name: String, in directory: String) throws {
    precondition(lock != nil, "who only reads does not write")
    let temporary = "\(directory)/.\(name)"
    do {
      try data.write(to: URL(filePath: temporary))
    } catch {
      unlink(temporary)  // a full disk has room again for what ends the run in order
      throw error
    }
    guard rename(temporary, "\(directory)/\(name)") == 0 else { throw Self.lastError }
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

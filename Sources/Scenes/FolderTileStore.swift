import Foundation
public import Grids

/// A folder with one file for each tile and stage, and the plan that they belong to.
///
///     NAME.relief/plan.json
///     NAME.relief/coarse/r00003c00012.f32       little-endian Float32, [row, column]
///     NAME.relief/coarse/r00003c00013.skipped   the reason, as text
///
/// Files appear by rename, so one that is there is whole. A folder that was left by a run with the same plan
/// is gone on with; one of another plan is refused.
public struct FolderTileStore: TileStore {
  public let folder: String
  private let pixelCounts: [Stage: Int]

  /// Opens the folder for a plan, or makes it.
  ///
  /// - Throws: `SceneError` if the folder belongs to another plan or cannot be made.
  public init(_ folder: String, plan: ScenePlan, replacing: Bool) throws {
    self.folder = folder
    let workingPixels = plan.working.tiles.tileWidth * plan.working.tiles.tileHeight
    pixelCounts = [
      .coarse: workingPixels, .refined: workingPixels,
      .overview: plan.overview.map { $0.tiles.tileWidth * $0.tiles.tileHeight } ?? 0,
    ]
    let canonical = try plan.canonical
    if let found = FileManager.default.contents(atPath: planFile) {
      guard found == canonical || replacing else {
        throw SceneError(
          .cannotCreate,
          """
          \(folder) holds the tiles of an unfinished run with another plan; it differs in \
          \(Self.differences(found, canonical).joined(separator: ", "))
          say --overwrite to start anew, or use the same options to go on
          """)
      }
      if found != canonical { try remove() }
    } else if let content = try? FileManager.default.contentsOfDirectory(atPath: folder),
      !content.isEmpty
    {
      throw SceneError(
        .cannotCreate,
        "\(folder) is needed for finished tiles, but it is no such folder: it has no plan.json")
    }
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
      try canonical.write(to: URL(filePath: planFile), options: .atomic)
      for stage in Stage.allCases {
        try FileManager.default.createDirectory(
          atPath: folder + "/" + stage.rawValue, withIntermediateDirectories: true)
      }
    } catch {
      throw SceneError(
        .cannotCreate, "cannot make the folder for finished tiles, \(folder): \(error.reason)")
    }
  }

  private var planFile: String { folder + "/plan.json" }

  /// Bytes of a finished tile's file.
  private func size(in stage: Stage) -> Int {
    pixelCounts[stage, default: 0] * MemoryLayout<Float>.size
  }

  public func state(of tile: TileIndex, in stage: Stage) throws -> TileState? {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path(tile, stage, "f32"))
    // A torn file, as a power cut can leave it, counts as none: the tile is seen again.
    if let bytes = attributes?[.size] as? Int, bytes == size(in: stage) { return .done }
    guard let reason = FileManager.default.contents(atPath: path(tile, stage, "skipped")) else {
      return nil
    }
    return .skipped(String(decoding: reason, as: UTF8.self))
  }

  public func commit(_ values: [Float], of tile: TileIndex, in stage: Stage) throws {
    precondition(values.count == pixelCounts[stage], "a tile has one value for each pixel")
    try write(values.withUnsafeBytes { Data($0) }, to: path(tile, stage, "f32"))
  }

  public func skip(_ tile: TileIndex, in stage: Stage, because reason: String) throws {
    try write(Data(reason.utf8), to: path(tile, stage, "skipped"))
  }

  public func values(of tile: TileIndex, in stage: Stage) throws -> [Float] {
    let file = path(tile, stage, "f32")
    let data: Data
    do {
      data = try Data(contentsOf: URL(filePath: file))
    } catch {
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

  /// Removes what runs have put into the folder, and the folder if nothing else is in it.
  ///
  /// The plan goes last: a removal that is cut off leaves a folder that is still known as what it is.
  public func remove() throws {
    do {
      let files = FileManager.default
      let stages = Set(Stage.allCases.map(\.rawValue))
      let content = try files.contentsOfDirectory(atPath: folder)
      for name in content where stages.contains(name) || name.hasPrefix(".") {
        try files.removeItem(atPath: folder + "/" + name)
      }
      try files.removeItem(atPath: planFile)
      if try files.contentsOfDirectory(atPath: folder).isEmpty {
        try files.removeItem(atPath: folder)
      }
    } catch {
      throw SceneError(.io, "cannot remove the tiles in \(folder): \(error.reason)")
    }
  }

  private func path(_ tile: TileIndex, _ stage: Stage, _ suffix: String) -> String {
    let name = String(format: "r%05dc%05d", tile.row, tile.column)
    return "\(folder)/\(stage.rawValue)/\(name).\(suffix)"
  }

  private func write(_ data: Data, to path: String) throws {
    do {
      try data.write(to: URL(filePath: path), options: .atomic)  // a temporary file and a rename
    } catch {
      throw SceneError(.io, "cannot write \(path): \(error.reason)")
    }
  }

  /// The names of the plan's parts in which two plans differ.
  private static func differences(_ a: Data, _ b: Data) -> [String] {
    let parts = [a, b].map { data in
      (try? JSONSerialization.jsonObject(with: data)) as? [String: Any] ?? [:]
    }
    let names = Set(parts[0].keys).union(parts[1].keys).sorted()
    return names.filter { "\(parts[0][$0] ?? "")" != "\(parts[1][$0] ?? "")" }
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

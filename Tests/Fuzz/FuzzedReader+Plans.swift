import Files
import Foundation
import Grids

@testable import Scenes

/// Readers of files that an unfinished run leaves.
extension FuzzedReader {
  /// Reads a plan as `relief status` does, and as the next run with the same or another plan does.
  static func readPlan(_ bytes: Data) throws {
    let folder = Scratch.folder + "/dem.relief"
    Scratch.file("dem.relief/plan.json", bytes)
    _ = try RunStore.isUnfinished(SamplePlans.plain, in: FolderTileStore(reading: folder))
    let status = try OutputStatus(of: OutputOptions(Scratch.folder + "/dem.tif"))
    for stage in status.unfinished?.stages ?? [] {
      precondition(stage.wanted >= 0 && stage.done + stage.skipped <= stage.wanted)
    }
    let found = try ScenePlan(file: bytes, path: folder)
    precondition(found.emptyTileCount >= 0)
    for stage in found.stages() { precondition(stage.result.size != 0) }
    let isSame = try found.hash == SamplePlans.plainHash
    do {
      _ = try RunStore(FolderTileStore(folder), plan: SamplePlans.plain, replacing: false)
      precondition(isSame, "the tiles of another plan were accepted")
    } catch let error as SceneError {
      precondition(!isSame, "\(error)")
    }
    Scratch.forget()
  }

  /// Reads a file of a tile store: the first byte selects the kind of file, and whether its checksum is made to match.
  static func readTiles(_ bytes: Data) throws {
    guard let kind = bytes.first, let store = SamplePlans.store else { return }
    let isSealed = kind & 1 == 1
    let names = ["tile", "skipped", "failed", "basis"]
    let suffix = names[Int(kind >> 1) % names.count]
    let tile = TileIndex(row: 0, column: 0)
    let name = suffix == "basis" ? "coarse/basis" : "coarse/r00000c00000.\(suffix)"
    var payload = [UInt8](bytes.dropFirst())
    if isSealed {
      if suffix == "tile", kind & 0x40 == 0 {
        let size = store.count(.coarse) * (kind & 0x20 == 0 ? 4 : 8)
        payload = (0..<size).map { payload.isEmpty ? 0 : payload[$0 % payload.count] }
      }
      try store.write(payload.span.bytes, to: name)
    } else {
      try store.objects.remove(name)
      Scratch.forget()
      Scratch.file("tiles.relief/" + name, Data(payload))
    }
    store.forget()
    switch try store.state(of: tile, in: .coarse) {
    case .done:
      do {
        let values = try store.values(of: tile, in: .coarse)
        precondition(values.count == store.count(.coarse))
      } catch is DamagedTile {}
    case .failed(let failure): _ = FailedTile(tile, in: .coarse, failure).description
    case .skipped, nil: break
    }
    if try store.hasSpread(of: tile, in: .coarse) {
      do { _ = try store.spread(of: tile, in: .coarse) } catch is DamagedTile {}
    }
    if suffix == "basis" { try store.begin(.coarse, on: "another") }
    try store.discard(tile, in: .coarse)
  }

  /// Reads tags as GDAL returns them, with one value per line.
  static func readTags(_ bytes: Data) throws {
    let lines = bytes.text.split(
      separator: "\n", maxSplits: 5, omittingEmptySubsequences: false
    ).map(String.init)
    guard lines.count == 6, let width = Int32(lines[4]), let height = Int32(lines[5]),
      width > 0, height > 0
    else { return }
    let names = ["RELIEF_TILES", "RELIEF_LATTICE", "RELIEF_AREA", "RELIEF_TURN"]
    let tags = Dictionary(uniqueKeysWithValues: zip(names, lines))
    guard
      let found = try TileTags(tags, width: Int(width), height: Int(height), path: "x.tif")
    else { return }
    // Hundreds of thousands of lines exercise the same code as a few, only more slowly.
    guard found.tiles.columns < 1 << 10, found.tiles.rows < 1 << 10 else { return }
    let axes = found.lines
    for axis in [axes.columns, axes.rows] {
      precondition(axis.lines.allSatisfy { (1..<max(axis.extent, 1)).contains($0.position) })
      precondition(axis.spans.reduce(0) { $0 + $1.pixels.count } == axis.extent)
    }
  }

  static func readStyle(_ bytes: Data) throws {
    if case .relief(let plan, _) = try FileOrigin(of: Scratch.file("x.qml", bytes)) {
      precondition(plan.count == 64)
    }
  }
}

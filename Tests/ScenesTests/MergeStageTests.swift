import Foundation
import Grids
import Rasters
import Scenes
import TestModels
import TestSupport
import Testing

/// The strips of the output are finished rasters of their own, which a resumed run does not compute again.
@Suite struct MergeStageTests {
  let folder: TemporaryFolder
  let scene: String

  init() throws {
    folder = try TemporaryFolder()
    scene = folder("scene.tif")
    var fixture = try SceneFixture()
    (fixture.width, fixture.height) = (200, 900)
    try fixture.write(to: scene)
  }

  private func run(
    to name: String, layers: Set<ConfidenceRaster> = [],
    progress: @escaping ProgressHandler = { _ in }
  ) async throws -> SceneReport {
    try await infer(scene, to: folder(name), telling: layers, progress: progress)
  }

  /// Cancels a run after the first strips; returns their paths.
  private func leaveStrips(layers: Set<ConfidenceRaster> = []) async throws -> [String] {
    let work = Task {
      try await run(to: "dem.tif", layers: layers) { progress in
        guard case .merging(let share) = progress, share >= 0.5 else { return }
        withUnsafeCurrentTask { $0?.cancel() }
      }
    }
    await #expect(throws: CancellationError.self) { _ = try await work.value }
    let store = folder("dem.relief/merge")
    return try names(in: store).filter { $0.hasSuffix(".tif") }.sorted().map { store + "/" + $0 }
  }

  private func bytes(_ name: String) throws -> Data {
    try Data(contentsOf: URL(filePath: folder(name)))
  }

  @Test func `a strip is a georeferenced raster with the output's rows`() async throws {
    let layers: Set<ConfidenceRaster> = [.tiles, .disagreement]
    _ = try await run(to: "straight.tif", layers: layers)
    let strips = try await leaveStrips(layers: layers)
    try #require(!strips.isEmpty)
    for strip in strips {
      let part = try Dataset(reading: strip)
      let row = try #require(
        part.georeferencing.geoTransform.map { Int((5_000_000 - $0.originY) / 30) })
      #expect(row % 256 == 0 && part.bands.count == 3)
      let window = Window(column: 0, row: row, width: 200, height: part.grid.height)
      for (band, name) in [(1, "straight"), (2, "straight_tiles"), (3, "straight_disagreement")] {
        let whole = try Dataset(reading: folder(name + ".tif")).read(window, band: 1)
        #expect(try part.read(part.grid.window, band: band) == whole)
      }
    }
  }

  @Test func `a resumed run keeps its strips and gives the same bytes`() async throws {
    _ = try await run(to: "straight.tif")
    let strips = try await leaveStrips()
    try #require((1...3).contains(strips.count))
    for strip in strips {
      try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: strip)
    }
    let report = try await run(to: "dem.tif") { progress in
      guard case .merging(1) = progress else { return }
      let modes = strips.map {
        try? FileManager.default.attributesOfItem(atPath: $0)[.posixPermissions] as? Int
      }
      #expect(modes == strips.map { _ in 0o400 })
    }
    #expect(report.holes == 0)
    #expect(try bytes("dem.tif") == bytes("straight.tif"))
  }

  @Test func `a damaged strip is computed again`() async throws {
    _ = try await run(to: "straight.tif")
    let strips = try await leaveStrips()
    let strip = try #require(strips.first)
    var data = try Data(contentsOf: URL(filePath: strip))
    data[data.count / 2] ^= 1
    try data.write(to: URL(filePath: strip))
    let report = try await run(to: "dem.tif")
    #expect(report.warnings.contains { $0.contains("1 finished tiles were damaged") })
    #expect(try bytes("dem.tif") == bytes("straight.tif"))
  }

  @Test func `other quality layers need other strips`() async throws {
    _ = try await run(to: "straight.tif", layers: [.tiles])
    _ = try await leaveStrips()
    _ = try await run(to: "dem.tif", layers: [.tiles])
    for suffix in ["", "_tiles"] {
      #expect(try bytes("dem\(suffix).tif") == bytes("straight\(suffix).tif"))
    }
  }
}

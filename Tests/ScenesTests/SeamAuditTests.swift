import Foundation
import Grids
import Rasters
import Scenes
import Surfaces
import TestModels
import TestSupport
import Testing

@Suite struct SeamAuditTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Returns the positions of the lines between columns and between rows.
  private func positions(_ lines: TileLines) -> [[Int]] {
    [lines.columns.lines.map(\.position), lines.rows.lines.map(\.position)]
  }

  @Test func `an output's tags contain its tiling, and its run has audited it`() async throws {
    try SceneFixture().write(to: folder("scene.tif"))
    let report = try await infer(folder("scene.tif"), to: folder("dem.tif"))
    let audit = try SeamAudit(of: folder("dem.tif"))
    // Tiles of 64 pixels overlap by 16 and have a margin of 8: they begin at 40, 88 … and end at 56, 104 ….
    #expect(positions(audit.lines)[1] == [40, 56, 88, 104, 136, 152, 184, 200])
    #expect(try #require(report.audit).lines == audit.lines)
    #expect(report.audit?.statistics.edges == audit.statistics.edges)
    #expect(
      !report.warnings.contains { $0.contains("seams") } && report.seconds.last?.part == "audit")
  }

  @Test func `the tags also contain the tiling of a part and of a resampled scene`() async throws {
    try SceneFixture().write(to: folder("scene.tif"))
    try await _ = infer(folder("scene.tif"), to: folder("part.tif")) {
      $0.area = .window(Window(column: 50, row: 60, width: 120, height: 100))
    }
    let part = try SeamAudit(of: folder("part.tif"))
    #expect(positions(part.lines)[1] == [28, 44, 76, 92])
    try await _ = infer(folder("scene.tif"), to: folder("coarse.tif")) {
      $0.gsd = .meters(60)
      $0.forcesGSD = true
    }
    let coarse = try SeamAudit(of: folder("coarse.tif"))
    #expect(coarse.lines.tiles.width == 150)
    #expect(positions(coarse.lines)[1] == [80, 112, 176, 208])
    #expect(coarse.lines.rows.stride == 96)
  }

  @Test func `the tags also contain the tiling of tiles that begin earlier`() async throws {
    try SceneFixture().write(to: folder("scene.tif"))
    let report = try await infer(folder("scene.tif"), to: folder("dem.tif")) {
      $0.shiftsTiles = true
    }
    // The margin of 8 plus half of the stride of 48.
    let lines = try #require(report.audit).lines
    #expect(positions(lines)[1] == [16, 32, 64, 80, 112, 128, 160, 176, 208])
  }

  @Test func `the tiling of a raster without tags must be given`() throws {
    let path = try makeRaster(width: 100, height: 80, bands: [noise(8000)])
    #expect {
      _ = try SeamAudit(of: path)
    } throws: {
      ($0 as? SceneError)?.kind == .usage && "\($0)".contains("--tile")
    }
    let audit = try SeamAudit(of: path, tiling: SeamAudit.Tiling(size: 40, overlap: 10))
    #expect(positions(audit.lines) == [[30, 40, 60, 70], [30, 40, 60, 70]])
    #expect(throws: SceneError.self) { try SeamAudit.Tiling(size: 40, overlap: 21) }
    #expect(throws: SceneError.self) { try SeamAudit.Tiling(size: 0, overlap: 0) }
  }

  @Test(arguments: [
    ("64x64 overlap 40", "100x80 margin 0", "0,0,100,80 of 100x80"),
    ("64x64 overlap 16", "0x80 margin 0", "0,0,100,80 of 100x80"),
    ("64x64 overlap 16", "100x80 margin 33", "0,0,100,80 of 100x80"),
    ("64x64 overlap 16", "100x80 margin 0", "9,0,100,80 of 100x80"),
    ("64x64 overlap 16", "100x80 margin 0", "0,0,90,80 of 100x80"),
    ("64 overlap 16", "100x80 margin 0", "0,0,100,80 of 100x80"),
    ("64x64 overlap 99999999999", "100x80 margin 0", "0,0,100,80 of 100x80"),
    ("2x2 overlap 1", "2000000000x80 margin 0", "0,0,100,80 of 100x80"),
  ])
  func `inconsistent tags are rejected`(tiles: String, lattice: String, area: String) throws {
    let path = try makeRaster(width: 100, height: 80, bands: [noise(8000)]) {
      try $0.setMetadata([
        "RELIEF_TILES": tiles, "RELIEF_LATTICE": lattice, "RELIEF_AREA": area,
      ])
    }
    #expect {
      _ = try SeamAudit(of: path)
    } throws: {
      ($0 as? SceneError)?.kind == .badData && "\($0)".contains(lattice)
    }
  }

  /// Writes slopes with a step of 5 where tiles of 40 pixels begin, and a corner without values.
  private func stepped(_ configure: (inout Dataset) throws -> Void = { _ in }) throws -> String {
    let values = (0..<100 * 80).map { pixel -> Float in
      let (row, column) = (pixel / 100, pixel % 100)
      return row + column < 20 ? -9999 : Float(row + column + 5 * (row / 40) + 5 * (column / 40))
    }
    return try makeRaster(width: 100, height: 80, bands: [values]) {
      try $0.setNoData(-9999, band: 1)
      try configure(&$0)
    }
  }

  private func worstPlaces(of path: String, count: Int = 100) throws -> LineLayer {
    let audit = try SeamAudit(of: path, tiling: SeamAudit.Tiling(size: 40, overlap: 0))
    #expect(audit.statistics.height.ratio == 6)
    #expect(audit.advice == .tryOverlap(5))
    try audit.writePlaces(to: folder("places.gpkg"), count: count, overwrite: true)
    return try #require(LineLayer(folder("places.gpkg")))
  }

  @Test func `the worst places are at the steps on the map`() throws {
    let path = try stepped {
      try $0.setGeoreferencing(
        Georeferencing(
          geoTransform: GeoTransform([500_000, 10, 0, 5_300_000, 0, -10]),
          crs: try CRS("EPSG:32633")))
    }
    let layer = try worstPlaces(of: path)
    #expect(layer.crs == "EPSG:32633")
    // There are two lines between columns in two tile rows, and one line between rows in three tile columns. The ratios
    // of the steps in slope are infinite, so they come first.
    #expect(layer.features.count == 14)
    #expect(
      layer.features.prefix(7).allSatisfy { $0["kind"] == "slope step" && $0["ratio"] == nil })
    let height = layer.features.filter { $0["kind"] == "height step" }
    #expect(height.allSatisfy { $0["ratio"] == "6" && $0["on"] == "6" && $0["off"] == "1" })
    #expect(height[0]["geometry"] == "LINESTRING (500400 5300000,500400 5299600)")
    #expect(height[0]["tile_row"] == "0" && height[0]["tile_column"] == "1")
    #expect(height[0]["edge"] == "both")
    #expect(try worstPlaces(of: path, count: 3).features.count == 3)
  }

  @Test func `without georeferencing, places are in pixels with rows counted downward`() throws {
    let layer = try worstPlaces(of: try stepped())
    #expect(layer.crs == nil)
    #expect(layer.features.contains { $0["geometry"] == "LINESTRING (40 0,40 -40)" })
  }

  @Test func `a raster without heights or tile edges has no figures`() throws {
    let tiling = try SeamAudit.Tiling(size: 32, overlap: 8)
    let void = try makeRaster(
      width: 90, height: 70, bands: [Array(repeating: -1, count: 90 * 70)]
    ) { try $0.setNoData(-1, band: 1) }
    let pixel = try makeRaster(width: 1, height: 1, bands: [[5]])
    for path in [void, pixel] {
      let audit = try SeamAudit(of: path, tiling: tiling)
      #expect(audit.figures.allSatisfy { $0.ratio == nil } && audit.advice == .noLines)
      #expect(audit.figures(above: 1).isEmpty)
    }
  }
}

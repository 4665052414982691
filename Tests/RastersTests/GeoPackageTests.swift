import Foundation
import Rasters
import TestSupport
import Testing

@Suite struct GeoPackageTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(crs: CRS?, overwrite: Bool = false) throws -> LineLayer? {
    let path = folder("lines.gpkg")
    try GeoPackage.write(
      [
        GeoPackage.Line(from: (1, 2), to: (3, 4), [.text("a ‘name’"), .integer(7), .real(0.25)]),
        GeoPackage.Line(from: (0, 0), to: (0, 1), [.text(""), .integer(-1), .null]),
      ],
      fields: [("name", .text("")), ("number", .integer(0)), ("share", .real(0))],
      layer: "things", crs: crs, to: path, overwrite: overwrite)
    return LineLayer(path)
  }

  @Test func `written lines and fields are read back`() throws {
    let layer = try #require(try write(crs: CRS("EPSG:32633")))
    #expect(layer.name == "things" && layer.crs == "EPSG:32633")
    #expect(
      layer.features == [
        [
          "name": "a ‘name’", "number": "7", "share": "0.25", "geometry": "LINESTRING (1 2,3 4)",
        ],
        ["name": "", "number": "-1", "geometry": "LINESTRING (0 0,0 1)"],
      ])
    #expect(try names(in: folder.path) == ["lines.gpkg"])
  }

  @Test func `a layer may have no CRS`() throws {
    #expect(try #require(try write(crs: nil)).crs == nil)
  }

  @Test func `an existing file is replaced only on request`() throws {
    _ = try write(crs: nil)
    #expect {
      _ = try write(crs: CRS("EPSG:32633"))
    } throws: {
      ($0 as? RasterError)?.kind == .cannotCreate
    }
    #expect(LineLayer(folder("lines.gpkg"))?.crs == nil)
    #expect(try write(crs: CRS("EPSG:32633"), overwrite: true)?.crs == "EPSG:32633")
  }
}

import Foundation
import Grids
import Rasters
import TestSupport
import Testing

@Suite struct DamagedFileTests {
  /// Writes a GeoTIFF of noise, compressed in blocks, and modifies its bytes with `damage`.
  private func damaged(
    in directory: String, _ damage: (inout Data) -> Void
  ) throws -> String {
    let path = "\(directory)/damaged.tif"
    try makeRaster(
      at: path, width: 256, height: 256, bands: [noise(65_536).map { $0.rounded() }],
      options: ["TILED": "YES", "COMPRESS": "LZW"])
    var data = try Data(contentsOf: URL(filePath: path))
    damage(&data)
    try data.write(to: URL(filePath: path))
    return path
  }

  @Test func `a missing file is reported as missing input`() {
    for path in ["/no/such.tif", "/vsimem/none.tif", "NETCDF:\"/no/such.nc\":height"] {
      let error = #expect(throws: RasterError.self) { _ = try Dataset(reading: path) }
      #expect(error?.kind == .noInput, "\(path)")
      #expect(error?.message.contains("such") == true || error?.message.contains("none") == true)
    }
  }

  @Test func `a file that is not a raster is reported as bad data`() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/notes.tif"
      for text in ["", "these are notes, not pixels"] {
        try Data(text.utf8).write(to: URL(filePath: path))
        let error = #expect(throws: RasterError.self) { _ = try Dataset(reading: path) }
        #expect(error?.kind == .badData)
        #expect(error?.message.contains(path) == true)
      }
    }
  }

  @Test(arguments: [8, 1000, 60_000])
  func `a truncated GeoTIFF throws an error with its path when opened or read`(bytes: Int) throws {
    try withTemporaryDirectory { directory in
      let path = try damaged(in: directory) { $0 = $0.prefix(bytes) }
      let error = #expect(throws: RasterError.self) {
        let dataset = try Dataset(reading: path)
        _ = try dataset.read(dataset.grid.window, bands: [1])
      }
      #expect(error?.kind == .badData || error?.kind == .io)
      #expect(error?.message.contains(path) == true)
    }
  }

  @Test func `reading a damaged block throws an error with the path and the window`() throws {
    try withTemporaryDirectory { directory in
      let path = try damaged(in: directory) {
        for index in $0.count / 2..<$0.count / 2 + 1000 { $0[index] = 0xff }
      }
      let dataset = try Dataset(reading: path)
      let error = #expect(throws: RasterError.self) {
        _ = try dataset.read(dataset.grid.window, bands: [1])
      }
      #expect(error?.kind == .badData || error?.kind == .io)
      #expect(error?.message.contains("\(path): window 0,0,256,256") == true)
    }
  }

  @Test func `an unknown driver or sample type is a usage error`() {
    for (driver, type) in [("Sketch", "Byte"), ("GTiff", "Float7")] {
      let error = #expect(throws: RasterError.self) {
        _ = try Dataset(
          creating: memoryPath(), driver: driver, width: 1, height: 1, bands: 1, type: type)
      }
      #expect(error?.kind == .usage)
    }
  }
}

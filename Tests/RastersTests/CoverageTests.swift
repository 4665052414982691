import Grids
import Rasters
import TestSupport
import Testing

/// Holes of a sparse file are detected without reading them.
@Suite struct CoverageTests {
  private let hole = Window(column: 512, row: 512, width: 256, height: 256)
  private let corner = Window(column: 0, row: 0, width: 256, height: 256)

  /// Creates a raster of 1024 × 1024 pixels of which only the first block is written.
  private func sparse(noData: Double?) throws -> String {
    let path = memoryPath()
    var dataset = try Dataset(
      creating: path, width: 1024, height: 1024, bands: 2, type: "Byte",
      options: ["TILED": "YES", "SPARSE_OK": "TRUE"])
    if let noData { try dataset.setNoData(noData, band: 1) }
    for band in 1...2 {
      try dataset.write(
        Window(column: 0, row: 0, width: 256, height: 256), band: band,
        [Float](repeating: 7, count: 256 * 256).span)
    }
    try dataset.close()
    return path
  }

  private func isHole(_ path: String, _ window: Window, _ rule: ValidityRule = .init()) throws
    -> Bool
  {
    let dataset = try Dataset(reading: path)
    let found = dataset.isHole(window, bands: [1, 2], validity: rule)
    // A hole has no valid pixels.
    if found {
      let pixels = try dataset.read(window, bands: [1, 2], validity: rule)
      #expect(!pixels.isValid.contains(true))
    }
    return found
  }

  @Test func `an unwritten window is a hole if its value is nodata`() throws {
    #expect(try isHole(sparse(noData: 0), hole))
    #expect(try isHole(sparse(noData: 255), hole))
    #expect(try !isHole(sparse(noData: nil), hole))
    #expect(try isHole(sparse(noData: nil), hole, ValidityRule(declared: [0])))
    #expect(try !isHole(sparse(noData: nil), hole, ValidityRule(declared: [1])))
    #expect(try !isHole(sparse(noData: 255), hole, ValidityRule(declared: [0])))
    #expect(try !isHole(sparse(noData: 0), hole, ValidityRule(declared: [0, 3])))
    #expect(try isHole(sparse(noData: 0), hole, ValidityRule(noData: .any, declared: [0, 3])))
  }

  @Test func `a window with written pixels is not a hole`() throws {
    let path = try sparse(noData: 0)
    #expect(try !isHole(path, corner))
    #expect(try !isHole(path, Window(column: 200, row: 200, width: 100, height: 100)))
  }
}

import Grids
import Rasters
import TestSupport
import Testing

/// What a sparse file does not hold need not be read to be known.
@Suite struct CoverageTests {
  private let hole = Window(column: 512, row: 512, width: 256, height: 256)
  private let corner = Window(column: 0, row: 0, width: 256, height: 256)

  /// Of 1024 × 1024 pixels, written in the first block alone.
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
    // Whatever is called a hole has no valid pixel.
    if found {
      let pixels = try dataset.read(window, bands: [1, 2], validity: rule)
      #expect(!pixels.isValid.contains(true))
    }
    return found
  }

  @Test func `a hole is one where its value is nodata`() throws {
    #expect(try isHole(sparse(noData: 0), hole))
    #expect(try isHole(sparse(noData: 255), hole))
    #expect(try !isHole(sparse(noData: nil), hole))
    #expect(try isHole(sparse(noData: nil), hole, ValidityRule(declared: [0])))
    #expect(try !isHole(sparse(noData: nil), hole, ValidityRule(declared: [1])))
    #expect(try !isHole(sparse(noData: 255), hole, ValidityRule(declared: [0])))
    #expect(try !isHole(sparse(noData: 0), hole, ValidityRule(declared: [0, 3])))
    #expect(try isHole(sparse(noData: 0), hole, ValidityRule(noData: .any, declared: [0, 3])))
  }

  @Test func `where anything is written there is no hole`() throws {
    let path = try sparse(noData: 0)
    #expect(try !isHole(path, corner))
    #expect(try !isHole(path, Window(column: 200, row: 200, width: 100, height: 100)))
  }
}

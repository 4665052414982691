import Grids
import Rasters
import TestSupport
import Testing

@Suite struct ValidityTests {
  private func valid(
    _ path: String, bands: [Int], _ rule: ValidityRule = ValidityRule()
  ) throws -> [Bool] {
    let dataset = try Dataset(reading: path)
    return try dataset.read(dataset.grid.window, bands: bands, validity: rule).isValid
  }

  /// Returns a VRT of a GeoTIFF whose bands have their own nodata values, which a GeoTIFF does not support.
  private func virtual(_ bands: [(values: [Float], noData: Double?)], type: String) throws -> String
  {
    let width = bands[0].values.count
    let path = try makeRaster(width: width, height: 1, bands: bands.map(\.values), type: type)
    let elements = bands.enumerated().map { index, band in
      """
      <VRTRasterBand dataType="\(type)" band="\(index + 1)">
        \(band.noData.map { "<NoDataValue>\($0)</NoDataValue>" } ?? "")
        <SimpleSource><SourceFilename>\(path)</SourceFilename>
          <SourceBand>\(index + 1)</SourceBand></SimpleSource>
      </VRTRasterBand>
      """
    }
    return
      "<VRTDataset rasterXSize=\"\(width)\" rasterYSize=\"1\">\(elements.joined())</VRTDataset>"
  }

  @Test(arguments: ["Byte", "Int16", "Int32", "Float32", "Float64"])
  func `a pixel is invalid if all bands, or any band, hold their nodata, by the rule`(type: String)
    throws
  {
    let path = try virtual([([7, 7, 5, 5], 7), ([9, 6, 9, 7], 9)], type: type)
    #expect(try valid(path, bands: [1, 2]) == [false, true, true, true])
    let any = ValidityRule(noData: .any)
    #expect(try valid(path, bands: [1, 2], any) == [false, false, false, true])
    #expect(try valid(path, bands: [1]) == [false, false, true, true])
    #expect(try valid(path, bands: [2]) == [false, true, false, true])
  }

  @Test func `a band without nodata keeps a pixel valid, unless any band suffices`() throws {
    let path = try virtual([([7, 5], 7), ([7, 7], nil)], type: "Byte")
    #expect(try valid(path, bands: [1, 2]) == [true, true])
    #expect(try valid(path, bands: [1, 2], ValidityRule(noData: .any)) == [false, true])
  }

  @Test func `a declared nodata value overrides those of the bands`() throws {
    let path = try virtual([([7, 0, 1], 7), ([9, 0, 0], 9)], type: "Byte")
    #expect(try valid(path, bands: [1, 2], ValidityRule(declared: [0])) == [true, false, true])
    let any = ValidityRule(noData: .any, declared: [0])
    #expect(try valid(path, bands: [1, 2], any) == [true, false, false])
  }

  @Test func `a nodata value can be declared for each selected band`() throws {
    let path = try virtual([([1, 0, 0], nil), ([9, 9, 5], nil)], type: "Byte")
    let rule = ValidityRule(declared: [0, 9])
    #expect(try valid(path, bands: [1, 2], rule) == [true, false, true])
    #expect(
      try valid(path, bands: [2, 1], ValidityRule(declared: [9, 0])) == [true, false, true])
  }

  @Test func `a sample that holds its band's nodata is NaN even if the pixel is valid`() throws {
    let path = try virtual([([7, 7, 1], 7), ([9, 5, 9], 9), ([1, 2, 3], nil)], type: "Int16")
    let dataset = try Dataset(reading: path)
    let pixels = try dataset.read(dataset.grid.window, bands: [1, 2, 3])
    #expect(pixels.isValid == [true, true, true])
    #expect(pixels.values.map { $0.isNaN ? -1 : $0 } == [-1, -1, 1, -1, 5, 2, 1, -1, 3])
    let strict = try dataset.read(
      dataset.grid.window, bands: [1, 3], validity: ValidityRule(noData: .any))
    #expect(strict.isValid == [false, false, true])
    #expect(strict.values.map { $0.isNaN ? -1 : $0 } == [-1, -1, -1, -1, 1, 3])
  }

  /// Uses metadata keys of GDAL's SENTINEL2 driver and of converted netCDF and HDF products.
  @Test(
    arguments: [
      (["SPECIAL_VALUE_NODATA": "0", "SPECIAL_VALUE_SATURATED": "65535"], nil, 65535),
      (["_FillValue": "0"], nil, nil), (["missing_value": "{0}"], nil, nil),
      ([:], ["_FillValue": "0"], nil), (["NODATA_VALUES": "0 0 0"], nil, nil),
      (["_FillValue": "3"], ["missing_value": "0"], nil),
    ] as [([String: String], [String: String]?, Double?)])
  func `nodata that is declared only in a product's metadata counts as the band's`(
    product: [String: String], band: [String: String]?, saturated: Double?
  ) throws {
    let path = try makeRaster(
      width: 3, height: 1, bands: [[0, 1, 0], [0, 2, 5]], type: "UInt16"
    ) {
      try $0.setMetadata(product)
      if let band { for number in 1...2 { try $0.setMetadata(band, band: number) } }
    }
    #expect(try valid(path, bands: [1, 2]) == [false, true, true])
    let bands = try Dataset(reading: path).bands
    #expect(bands.allSatisfy { $0.noData == 0 && $0.saturated == saturated })
  }

  @Test func `the band's own nodata takes precedence over that of the metadata`() throws {
    let path = try makeRaster(width: 2, height: 1, bands: [[0, 7]], type: "Byte") {
      try $0.setNoData(7, band: 1)
      try $0.setMetadata(["_FillValue": "0"])
    }
    #expect(try Dataset(reading: path).bands[0].noData == 7)
  }

  @Test func `values next to a large nodata value are not mistaken for it`() throws {
    // As Float32, 16777217 is 16777216.
    let path = memoryPath()
    var dataset = try Dataset(
      creating: path, width: 3, height: 1, bands: 1, type: "Int32", options: [:])
    try dataset.setNoData(16_777_217, band: 1)
    try dataset.write(dataset.grid.window, band: 1, [16_777_215, 16_777_216, 16_777_218].span)
    try dataset.close()
    #expect(try valid(path, bands: [1]) == [true, true, true])
  }

  @Test func `the lowest Float32 can be a nodata value`() throws {
    let lowest = -Float.greatestFiniteMagnitude
    let path = try makeRaster(width: 3, height: 1, bands: [[lowest, lowest / 1.5, 0]]) {
      try $0.setNoData(Double(lowest), band: 1)
    }
    #expect(try valid(path, bands: [1]) == [false, true, true])
  }

  @Test func `a sample that is not finite makes its pixel invalid in every band`() throws {
    let path = try makeRaster(
      width: 4, height: 1, bands: [[.nan, 1, .infinity, 1], [1, 1, 1, -.infinity]])
    #expect(try valid(path, bands: [1, 2]) == [false, true, false, false])
    #expect(try valid(path, bands: [2]) == [true, true, true, false])
  }

  @Test func `nodata is read as NaN with validity, and as stored without`() throws {
    let path = try makeRaster(width: 2, height: 1, bands: [[7, 3]]) { try $0.setNoData(7, band: 1) }
    let dataset = try Dataset(reading: path)
    let values = try dataset.read(dataset.grid.window, bands: [1]).values
    #expect(values[0].isNaN && values[1] == 3)
    #expect(try dataset.read(dataset.grid.window, band: 1) == [7, 3])
  }

  @Test(arguments: ["Byte", "UInt16"])
  func `alpha 0 is invalid and alpha 1 is valid, also with a nodata value`(type: String) throws {
    let path = try makeRaster(
      width: 4, height: 1, bands: [[9, 9, 9, 0], [0, 1, 255, 255]], type: type,
      options: ["ALPHA": "YES"]
    ) { try $0.setNoData(0, band: 1) }
    #expect(try Dataset(reading: path).bands[1].colorInterpretation == .alpha)
    #expect(try valid(path, bands: [1]) == [false, true, true, false])
  }

  @Test func `an alpha band among many bands is used`() throws {
    let gray: [Float] = [1, 1]
    let path = try makeRaster(
      width: 2, height: 1, bands: [gray, gray, gray, gray, gray, [255, 0]], type: "Byte"
    ) { try $0.setColorInterpretation(.alpha, band: 6) }
    #expect(try Dataset(reading: path).bands[0].maskKind == .allValid)  // GDAL itself ignores it
    #expect(try valid(path, bands: [1, 2, 3]) == [true, false])
  }

  @Test(
    arguments: [(internal: "NO", noData: false), ("YES", false), ("NO", true), ("YES", true)])
  func `an internal or external mask of the dataset is used, with or without nodata`(
    internal: String, noData: Bool
  ) throws {
    let path = try withGDALSetting("GDAL_TIFF_INTERNAL_MASK", `internal`) {
      try makeRaster(width: 3, height: 1, bands: [[7, 8, 9]], type: "Byte") {
        if noData { try $0.setNoData(9, band: 1) }
        try $0.writeMask($0.grid.window, [false, true, true])
      }
    }
    let dataset = try Dataset(reading: path)
    #expect(dataset.bands[0].maskKind == .perDataset)
    #expect(dataset.files.contains(path + ".msk") == (`internal` == "NO"))
    #expect(try valid(path, bands: [1]) == [false, true, !noData])
  }

  @Test func `a raster without nodata, mask or alpha is valid everywhere`() throws {
    let path = try makeRaster(width: 2, height: 2, bands: [[0, 0, 0, 0]], type: "Byte")
    #expect(try Dataset(reading: path).bands[0].maskKind == .allValid)
    #expect(try valid(path, bands: [1]) == [true, true, true, true])
  }
}

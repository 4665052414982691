import Grids
import Rasters
import TestSupport
import Testing

@Suite struct RoundTripTests {
  @Test(arguments: [(1, 1), (3, 5), (256, 257), (513, 2)])
  func `pixels survive a round trip`(width: Int, height: Int) throws {
    let values = (0..<width * height).map { Float($0) * 0.37 - 11 }
    let path = try makeRaster(width: width, height: height, bands: [values])
    let dataset = try Dataset(reading: path)
    #expect(dataset.grid == Grid(width: width, height: height))
    #expect(try dataset.read(dataset.grid.window, band: 1) == values)
  }

  @Test(arguments: ["Byte", "UInt16", "Int16", "UInt32", "Int32", "Float32", "Float64"])
  func `sample types keep their names and small integers`(type: String) throws {
    let values: [Float] = [0, 1, 127, 200, 3, 0]
    let path = try makeRaster(width: 3, height: 2, bands: [values], type: type)
    let dataset = try Dataset(reading: path)
    #expect(dataset.bands[0].sampleType.name == type)
    #expect(dataset.bands[0].sampleType.isFloatingPoint == type.hasPrefix("Float"))
    #expect(!dataset.bands[0].sampleType.isComplex)
    #expect(try dataset.read(dataset.grid.window, band: 1) == values)
  }

  @Test func `channels are in the requested order`() throws {
    let path = try makeRaster(
      width: 2, height: 2, bands: [[1, 2, 3, 4], [5, 6, 7, 8], [9, 9, 9, 9]])
    let dataset = try Dataset(reading: path)
    let pixels = try dataset.read(dataset.grid.window, bands: [2, 1])
    #expect(pixels.values == [5, 1, 6, 2, 7, 3, 8, 4])
    #expect(pixels.channels == 2)
  }

  @Test func `a window contains the corresponding pixels of the raster`() throws {
    let (width, height) = (37, 23)
    let values = (0..<width * height).map(Float.init)
    let dataset = try Dataset(
      reading: try makeRaster(width: width, height: height, bands: [values]))
    let window = Window(column: 30, row: 20, width: 7, height: 3)
    let expected = window.rows.flatMap { row in window.columns.map { values[row * width + $0] } }
    #expect(try dataset.read(window, band: 1) == expected)
  }

  @Test func `an empty window has no pixels`() throws {
    let dataset = try Dataset(reading: try makeRaster(width: 2, height: 1, bands: [[1, 2]]))
    let pixels = try dataset.read(Window(column: 1, row: 0, width: 0, height: 1), bands: [1])
    #expect(pixels.values.isEmpty && pixels.isValid.isEmpty)
  }

  @Test func `the error for a missing band gives the existing bands`() throws {
    let dataset = try Dataset(reading: try makeRaster(width: 1, height: 1, bands: [[1], [2]]))
    for band in [0, 3] {
      let error = #expect(throws: RasterError.self) {
        try dataset.read(dataset.grid.window, bands: [1, band])
      }
      #expect(error?.kind == .usage)
      #expect(error?.message.contains("no band \(band): it has bands 1 to 2") == true)
    }
  }

  @Test func `properties and metadata of bands are read back`() throws {
    let path = try makeRaster(
      width: 600, height: 300, bands: [noise(180_000), noise(180_000)], type: "UInt16",
      options: [
        "TILED": "YES", "BLOCKXSIZE": "128", "BLOCKYSIZE": "64", "PHOTOMETRIC": "MINISBLACK",
      ]
    ) {
      try $0.setDescription("near infrared", band: 2)
      try $0.setUnit("m", band: 2)
      try $0.setNoData(7, band: 1)
      try $0.setColorInterpretation(.alpha, band: 2)
      try $0.setMetadata(["WAVELENGTH": "0.8"], band: 2)
      try $0.setMetadata(["SENSOR": "none"])
      try $0.setMetadata(["ID": "9"], domain: "IMAGERY_TEST")
      try $0.buildOverviews([2, 4])
    }
    let dataset = try Dataset(reading: path)
    let (first, second) = (dataset.bands[0], dataset.bands[1])
    #expect((first.noData, second.description, second.unit) == (7, "near infrared", "m"))
    #expect((first.blockWidth, first.blockHeight, first.overviewCount) == (128, 64, 2))
    #expect(second.colorInterpretation == .alpha)
    #expect((second.scale, second.offset) == (1, 0))
    #expect(second.metadata["WAVELENGTH"] == "0.8")
    #expect(dataset.metadata()["SENSOR"] == "none")
    #expect(dataset.metadata(domain: "IMAGERY_TEST") == ["ID": "9"])
    #expect(dataset.driver == "GTiff")
    #expect(dataset.files == [path])
  }

  @Test func `reading a complex band is an error`() throws {
    let path = try makeRaster(width: 2, height: 2, bands: [[1, 2, 3, 4]], type: "CFloat32")
    let dataset = try Dataset(reading: path)
    #expect(dataset.bands[0].sampleType.isComplex)
    let error = #expect(throws: RasterError.self) {
      try dataset.read(dataset.grid.window, bands: [1])
    }
    #expect(error?.kind == .badData)
    #expect(error?.message.contains("CFloat32") == true)
  }
}

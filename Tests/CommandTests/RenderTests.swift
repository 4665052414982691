import Foundation
import Grids
import Rasters
import TestSupport
import Testing

/// Tests of `relief render` as users run it.
@Suite struct RenderTests {
  let relief = Command(name: "relief")
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Writes a part of the sample's heights with a hole, in meters in UTM unless other georeferencing is given.
  private func writeHeights(
    _ name: String, _ georeferencing: Georeferencing? = nil,
    configure: (inout Dataset) throws -> Void = { _ in }
  ) throws -> String {
    let sample = try Dataset(reading: Command.root + "/SampleData/ridges_dem.tif")
    let window = Window(column: 500, row: 400, width: 96, height: 80)
    var heights = try sample.read(window, band: 1)
    heights[40 * 96 + 50] = -9999
    var cut = sample.georeferencing
    cut.geoTransform = cut.geoTransform?.shifted(to: window)
    let place = georeferencing ?? cut
    return try makeRaster(at: folder(name), width: 96, height: 80, bands: [heights]) {
      try $0.setGeoreferencing(place)
      try $0.setNoData(-9999, band: 1)
      try configure(&$0)
    }
  }

  private func samples(_ path: String) throws -> [[Float]] {
    let dataset = try Dataset(reading: path)
    return try dataset.bands.map { try dataset.read(dataset.grid.window, band: $0.number) }
  }

  @Test func `the image has the grid of the DEM, with nodata where there is no height`() throws {
    let (dem, image) = (try writeHeights("dem.tif"), folder("image.tif"))
    let result = try relief("render", dem, image)
    #expect(result.code == 0, "\(result.errors)")
    let dataset = try Dataset(reading: image)
    #expect(try dataset.georeferencing == Dataset(reading: dem).georeferencing)
    #expect(dataset.bands.map(\.description) == ["red", "green", "blue", "nir"])
    #expect(dataset.bands.prefix(3).map(\.colorInterpretation) == [.red, .green, .blue])
    #expect(dataset.bands.allSatisfy { $0.sampleType.name == "UInt16" && $0.noData == 0 })
    #expect(dataset.metadata()["SUN_ELEVATION"] == "48.0")
    let pixels = try dataset.read(dataset.grid.window, bands: [1, 2, 3, 4])
    #expect(!pixels.isValid[40 * 96 + 50])
    // A slope needs the heights of all neighbors.
    #expect(pixels.isValid.count { !$0 } == 9)
  }

  @Test func `the same options and seed give the same pixels, and others change them`() throws {
    let (dem, image) = (try writeHeights("dem.tif"), folder("image.tif"))
    func render(_ options: String...) throws -> [[Float]] {
      let result = try relief.run(["render", dem, image, "--overwrite"] + options)
      #expect(result.code == 0, "\(result.errors)")
      return try samples(image)
    }
    let plain = try render()
    #expect(try render() == plain)
    for options in [
      ["--seed", "43"], ["--sun-azimuth", "220"], ["--sun-elevation", "20"], ["--haze", "0.4"],
      ["--treeline", "100"], ["--snowline", "200"],
    ] {
      #expect(try render(options[0], options[1]) != plain, "\(options)")
    }
  }

  @Test func `8-bit images use 0 for nodata and the full range 1 to 255`() throws {
    let (dem, image) = (try writeHeights("dem.tif"), folder("image.tif"))
    #expect(try relief("render", dem, image, "--bits", "8").code == 0)
    #expect(try Dataset(reading: image).bands.allSatisfy { $0.sampleType.name == "Byte" })
    let colors = try samples(image).prefix(3).joined()
    #expect(colors.count { $0 == 0 } == 27)
    #expect(colors.contains(1) && colors.contains(255))
  }

  @Test func `scale and offset of the band are applied to the heights`() throws {
    let dem = try writeHeights("dem.tif")
    let heights = try samples(dem)[0]
    let tenths = folder("tenths.vrt")
    let scaled = try makeRaster(
      at: folder("tenths.tif"), width: 96, height: 80,
      bands: [heights.map { $0 == -9999 ? $0 : ($0 - 10) * 16 }]
    ) {
      try $0.setGeoreferencing(Dataset(reading: dem).georeferencing)
      try $0.setNoData(-9999, band: 1)
    }
    try """
    <VRTDataset rasterXSize="96" rasterYSize="80">
      <GeoTransform>495000, 30, 0, 5118000, 0, -30</GeoTransform><SRS>EPSG:32626</SRS>
      <VRTRasterBand dataType="Float32" band="1">
        <NoDataValue>-9999</NoDataValue><Scale>0.0625</Scale><Offset>10</Offset>
        <SimpleSource><SourceFilename>\(scaled)</SourceFilename><SourceBand>1</SourceBand></SimpleSource>
      </VRTRasterBand>
    </VRTDataset>
    """.write(toFile: tenths, atomically: true, encoding: .utf8)
    #expect(try relief("render", dem, folder("a.tif")).code == 0)
    #expect(try relief("render", tenths, folder("b.tif")).code == 0)
    #expect(try samples(folder("a.tif")) == samples(folder("b.tif")))
  }

  @Test func `DEMs that cannot be rendered are refused by name, and no file is left`() throws {
    let degrees = try writeHeights(
      "degrees.tif",
      Georeferencing(
        geoTransform: GeoTransform([10, 0.0003, 0, 47, 0, -0.0003]), crs: CRS("EPSG:4326")))
    let placeless = try writeHeights("placeless.tif", Georeferencing())
    let feet = try writeHeights("feet.tif") { try $0.setUnit("ft", band: 1) }
    let turned = try writeHeights(
      "turned.tif",
      Georeferencing(
        geoTransform: GeoTransform([500_000, 30, 0, 5_000_000, 0, 30]), crs: CRS("EPSG:32632")))
    let image = folder("image.tif")
    for (dem, words) in [
      (degrees, "square"), (placeless, "no georeferencing"), (feet, "ft"), (turned, "north"),
    ] {
      let result = try relief("render", dem, image)
      #expect(result.code == 65 && result.errors.contains(dem), "\(result)")
      #expect(result.errors.contains(words), "\(result.errors)")
    }
    #expect(!FileManager.default.fileExists(atPath: image))
    let whole = try writeHeights("dem.tif")
    #expect(try relief("render", whole, image).code == 0)
    #expect(try relief("render", whole, image).code == 73)
    #expect(try relief("render", folder("none.tif"), image, "--overwrite").code == 66)
    #expect(try relief("render", whole, image, "--sun-elevation", "0").code == 2)
  }
}

import Foundation
import Grids
import Rasters
import TestSupport
import Testing

@Suite struct RasterWriterTests {
  /// Writes a complete raster.
  private func write(
    _ values: [Float], _ description: RasterDescription, to path: String = memoryPath("out.tif"),
    rowsAtOnce: Int = 100
  ) throws -> WrittenRaster {
    var writer = try RasterWriter(creating: path, scratchDirectory: "/vsimem/", description)
    for row in stride(from: 0, to: description.height, by: rowsAtOnce) {
      let window = Window(
        column: 0, row: row, width: description.width,
        height: min(rowsAtOnce, description.height - row))
      let range = row * description.width..<window.rows.upperBound * description.width
      try writer.write(window, Array(values[range]).span)
    }
    return try writer.finish()
  }

  private func heights(_ width: Int, _ height: Int) -> [Float] {
    (0..<width * height).map {
      1000 + 50 * sinf(Float($0 % width) / 40) + 30 * cosf(Float($0 / width) / 23)
    }
  }

  @Test(arguments: [(1, 1), (100, 3), (700, 1030)])
  func `values and metadata are read back from a cloud-optimized GeoTIFF`(width: Int, height: Int)
    throws
  {
    var values = heights(width, height)
    values[0] = -9999
    let utm = Georeferencing(
      geoTransform: GeoTransform([440_720, 10, 0, 3_751_320, 0, -10]), crs: try CRS("EPSG:32612"),
      areaOrPoint: "Area")
    let description = RasterDescription(
      width: width, height: height, georeferencing: utm, bandDescription: "height", unit: "m",
      metadata: ["HEIGHT": "relative", "POSITIVE": "up"])
    let written = try write(values, description)
    let dataset = try Dataset(reading: written.path)
    let band = dataset.bands[0]
    #expect(try dataset.read(dataset.grid.window, band: 1) == values)
    #expect(dataset.metadata(domain: "IMAGE_STRUCTURE")["LAYOUT"] == "COG")
    #expect((band.noData, band.unit, band.description) == (-9999, "m", "height"))
    #expect(dataset.metadata()["HEIGHT"] == "relative")
    #expect(dataset.georeferencing.geoTransform == utm.geoTransform)
    #expect(dataset.georeferencing.crs?.isSame(as: try CRS("EPSG:32612")) == true)
    #expect(written.sidecars.isEmpty)
    #expect(written.bytes > 0)
    #expect(band.overviewCount == (height > 512 ? 2 : 0))
  }

  @Test func `samples are compressed by Zstandard with the floating-point predictor`() throws {
    let written = try write(heights(300, 300), RasterDescription(width: 300, height: 300))
    let structure = try Dataset(reading: written.path).metadata(domain: "IMAGE_STRUCTURE")
    #expect(structure["COMPRESSION"] == "ZSTD")
    #expect(structure["PREDICTOR"] == "3")
    #expect(written.bytes < 300 * 300 * 4)
  }

  @Test func `the caller's creation options override the defaults`() throws {
    let description = RasterDescription(
      width: 300, height: 300, creationOptions: ["COMPRESS": "DEFLATE", "PREDICTOR": "NO"])
    let written = try write(heights(300, 300), description)
    let structure = try Dataset(reading: written.path).metadata(domain: "IMAGE_STRUCTURE")
    #expect(structure["COMPRESSION"] == "DEFLATE")
    #expect(structure["PREDICTOR"] == nil)
  }

  @Test func `overviews are averages of only the valid pixels`() throws {
    let (width, height) = (1024, 600)
    var values = [Float](repeating: 0, count: width * height)
    for index in values.indices {
      let (row, column) = index.quotientAndRemainder(dividingBy: width)
      values[index] = Float(column / 2 + 1000 * (row / 2)) + (column % 2 == 0 ? -0.5 : 0.5)
    }
    // The first 2 x 2 block keeps a single valid pixel, the second block none.
    for index in [0, 1, width] { values[index] = -9999 }
    for index in [2, 3, width + 2, width + 3] { values[index] = -9999 }
    let written = try write(values, RasterDescription(width: width, height: height))
    let overview = try Dataset(reading: written.path, openOptions: ["OVERVIEW_LEVEL": "0"])
    #expect((overview.width, overview.height) == (512, 300))
    let pixels = try overview.read(overview.grid.window, bands: [1])
    #expect(pixels.values[0] == values[width + 1])
    #expect(!pixels.isValid[1])
    for (row, column) in [(0, 2), (10, 20), (299, 511)] {
      #expect(pixels.values[row * 512 + column] == Float(column + 1000 * row))
    }
  }

  @Test func `statistics are exact, are stored in the file and exclude nodata`() throws {
    let (width, height) = (640, 512)
    var values = noise(width * height).map { 8000 + $0 / 100 }
    for index in stride(from: 0, to: values.count, by: 3) { values[index] = -9999 }
    let valid = values.filter { $0 != -9999 }.map(Double.init)
    let mean = valid.reduce(0, +) / Double(valid.count)
    let variance = valid.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(valid.count)
    let written = try write(values, RasterDescription(width: width, height: height))
    let statistics = try #require(written.statistics)
    #expect(statistics.minimum == valid.min() && statistics.maximum == valid.max())
    #expect(statistics.validCount == valid.count)
    #expect(abs(statistics.mean - mean) < 1e-11 * mean)
    #expect(abs(statistics.standardDeviation - variance.squareRoot()) < 1e-9)
    let items = try Dataset(reading: written.path).bands[0].metadata
    #expect(items["STATISTICS_MINIMUM"].flatMap(Double.init) == statistics.minimum)
    #expect(items["STATISTICS_MAXIMUM"].flatMap(Double.init) == statistics.maximum)
    #expect(items["STATISTICS_MEAN"].flatMap(Double.init) == statistics.mean)
    #expect(items["STATISTICS_STDDEV"].flatMap(Double.init) == statistics.standardDeviation)
    #expect(items["STATISTICS_APPROXIMATE"] == nil)
  }

  @Test func `statistics do not depend on the windows in which the raster is written`() throws {
    let values = noise(300 * 200)
    let description = RasterDescription(width: 300, height: 200)
    let whole = try write(values, description, rowsAtOnce: 200)
    let rows = try write(values, description, rowsAtOnce: 7)
    #expect(whole.statistics == rows.statistics)
  }

  @Test func `a raster without valid pixels is written without statistics`() throws {
    var writer = try RasterWriter(
      creating: memoryPath(), scratchDirectory: "/vsimem/",
      RasterDescription(width: 600, height: 600))
    try writer.write(Window(column: 0, row: 0, width: 2, height: 1), [-9999, -9999].span)
    let written = try writer.finish()
    #expect(written.statistics == nil)
    let dataset = try Dataset(reading: written.path)
    let pixels = try dataset.read(dataset.grid.window, bands: [1])
    #expect(!pixels.isValid.contains(true))
    #expect(try dataset.read(dataset.grid.window, band: 1).allSatisfy { $0 == -9999 })
    #expect(dataset.bands[0].metadata["STATISTICS_MEAN"] == nil)
    #expect(dataset.bands[0].metadata["STATISTICS_VALID_PERCENT"] == "0.0")
  }

  @Test func `nodata may be NaN`() throws {
    let description = RasterDescription(width: 2, height: 1, noData: .nan)
    let written = try write([.nan, 4], description)
    let dataset = try Dataset(reading: written.path)
    #expect(dataset.bands[0].noData?.isNaN == true)
    #expect(try dataset.read(dataset.grid.window, bands: [1]).isValid == [false, true])
    #expect(written.statistics?.validCount == 1)
  }

  @Test(arguments: [Float.nan, .infinity, -9999.001])
  func `the error for a value that readers would treat as nodata gives its position`(value: Float)
    throws
  {
    var writer = try RasterWriter(
      creating: memoryPath(), scratchDirectory: "/vsimem/", RasterDescription(width: 9, height: 9))
    let window = Window(column: 4, row: 5, width: 2, height: 2)
    let error = #expect(throws: RasterError.self) {
      try writer.write(window, [1, 2, 3, value].span)
    }
    #expect(error?.kind == .badData)
    #expect(error?.message.contains("column 5, row 6") == true)
  }

  @Test func `the bytes do not depend on the number of threads`() throws {
    try withTemporaryDirectory { directory in
      let values = heights(1500, 1100)
      let files = try ["1", "3"].map { threads in
        let description = RasterDescription(
          width: 1500, height: 1100, creationOptions: ["NUM_THREADS": threads])
        let path = "\(directory)/\(threads).tif"
        _ = try write(values, description, to: path)
        return try Data(contentsOf: URL(filePath: path))
      }
      #expect(files[0] == files[1])
    }
  }

  @Test(arguments: [rotated, southUp])
  func `a rotated or south-up transform is preserved bit for bit`(transform: GeoTransform) throws {
    let georeferencing = Georeferencing(geoTransform: transform, crs: try CRS("EPSG:32612"))
    let written = try write(
      heights(20, 20), RasterDescription(width: 20, height: 20, georeferencing: georeferencing))
    #expect(try Dataset(reading: written.path).georeferencing.geoTransform == transform)
  }

  @Test func `a CRS without an authority is preserved`() throws {
    let custom = try CRS("+proj=laea +lat_0=12.3 +lon_0=45.6 +ellps=bessel +units=m")
    let georeferencing = Georeferencing(geoTransform: rotated, crs: custom)
    let written = try write(
      heights(20, 20), RasterDescription(width: 20, height: 20, georeferencing: georeferencing))
    let found = try Dataset(reading: written.path).georeferencing.crs
    #expect(found?.isSame(as: custom) == true)
  }

  @Test func `ground control points are preserved with their names and CRS`() throws {
    let wgs84 = try CRS("EPSG:4326")
    let georeferencing = Georeferencing(
      groundControlPoints: controlPoints, groundControlCRS: wgs84)
    let written = try write(
      heights(20, 20), RasterDescription(width: 20, height: 20, georeferencing: georeferencing))
    let found = try Dataset(reading: written.path).georeferencing
    #expect(found.groundControlPoints == controlPoints)
    #expect(found.groundControlCRS?.isSame(as: wgs84) == true)
    #expect(found.geoTransform == nil)
    #expect(written.sidecars == [written.path + ".aux.xml"])  // a TIFF cannot store names of points
  }

  @Test func `ground control points are stored as metadata if there is a transform`() throws {
    let (utm, wgs84) = (try CRS("EPSG:32612"), try CRS("EPSG:4326"))
    let georeferencing = Georeferencing(
      geoTransform: rotated, crs: utm, groundControlPoints: controlPoints, groundControlCRS: wgs84)
    let written = try write(
      heights(20, 20), RasterDescription(width: 20, height: 20, georeferencing: georeferencing))
    let dataset = try Dataset(reading: written.path)
    #expect(dataset.georeferencing.geoTransform == rotated)
    #expect(dataset.georeferencing.crs?.isSame(as: utm) == true)
    let kept = dataset.metadata(domain: Georeferencing.groundControlDomain)
    #expect(kept["POINT_4"] == "9.5 7.5 10.11 49.91 0.0")
    #expect(try CRS(try #require(kept["CRS"])).isSame(as: wgs84))
  }

  @Test func `rational polynomials are preserved, with and without a transform`() throws {
    let alone = Georeferencing(rationalPolynomials: rationalPolynomials)
    var both = alone
    both.geoTransform = rotated
    both.crs = try CRS("EPSG:32612")
    for georeferencing in [alone, both] {
      let written = try write(
        heights(20, 20), RasterDescription(width: 20, height: 20, georeferencing: georeferencing))
      let found = try Dataset(reading: written.path).georeferencing
      #expect(Set(found.rationalPolynomials.keys).isSuperset(of: rationalPolynomials.keys))
      #expect(found.rationalPolynomials["LINE_OFF"].flatMap(Double.init) == 250)
      #expect(found.geoTransform == georeferencing.geoTransform)
    }
  }

  @Test func `a raster of points keeps the last bits of its transform`() throws {
    let odd = GeoTransform([1 / 3.0, 1 / 7.0, 0, -1 / 11.0, 0, -1 / 13.0])
    let georeferencing = Georeferencing(
      geoTransform: odd, crs: try CRS("EPSG:4326"), areaOrPoint: "Point")
    let written = try write(
      heights(20, 20), RasterDescription(width: 20, height: 20, georeferencing: georeferencing))
    let found = try Dataset(reading: written.path).georeferencing
    #expect(found.areaOrPoint == "Point")
    #expect(found.geoTransform == odd)
  }

  @Test func `a raster that needs no sidecar leaves no other files`() throws {
    try withTemporaryDirectory { directory in
      let description = RasterDescription(width: 40, height: 40)
      _ = try write(heights(40, 40), description, to: "\(directory)/relief.tif")
      #expect(try names(in: directory) == ["relief.tif"])
    }
  }

  private static let categories = [
    RasterCategory("nodata", red: 0, green: 0, blue: 0),
    RasterCategory("land", red: 10, green: 200, blue: 30),
    RasterCategory("sea & lakes", red: 1, green: 2, blue: 255),
  ]

  @Test(arguments: [(1, 1), (700, 1030)])
  func `classes are read back with their names and colors`(width: Int, height: Int) throws {
    let values = (0..<width * height).map { (i: Int) -> Float in Float(i % 7 == 6 ? 2 : i % 2) }
    let description = RasterDescription(
      width: width, height: height, sample: .byte, noData: 0, bandDescription: "ground",
      categories: Self.categories)
    let written = try write(values, description)
    let dataset = try Dataset(reading: written.path)
    #expect(try dataset.read(dataset.grid.window, band: 1) == values)
    #expect(dataset.bands[0].sampleType.name == "Byte" && dataset.bands[0].noData == 0)
    #expect(dataset.bands[0].colorInterpretation == .palette)
    #expect(dataset.categories(band: 1) == Self.categories)
    #expect(written.sidecars == [written.path + ".aux.xml"])
    #expect(written.statistics?.validCount == (width == 1 ? nil : values.count { $0 != 0 }))
  }

  @Test func `an overview of classes contains the most frequent class`() throws {
    let (width, height) = (1024, 600)
    // Of each block of 2 x 2, three are 200 and one is 4.
    let values = (0..<width * height).map { Float($0 % 2 == 1 || $0 / width % 2 == 1 ? 200 : 4) }
    let written = try write(
      values, RasterDescription(width: width, height: height, sample: .byte, noData: 0))
    let overview = try Dataset(reading: written.path, openOptions: ["OVERVIEW_LEVEL": "0"])
    #expect(try overview.read(overview.grid.window, band: 1).allSatisfy { $0 == 200 })
    #expect(written.sidecars.isEmpty)
  }

  @Test(arguments: [Float.nan, -1, 1.5, 256])
  func `a value that a byte cannot hold is refused`(value: Float) throws {
    var writer = try RasterWriter(
      creating: memoryPath(), scratchDirectory: "/vsimem/",
      RasterDescription(width: 9, height: 9, sample: .byte, noData: 0))
    let error = #expect(throws: RasterError.self) {
      try writer.write(Window(column: 3, row: 2, width: 1, height: 1), [value].span)
    }
    #expect(error?.kind == .badData && error?.message.contains("expected 0 to 255") == true)
  }

  @Test func `a verified raster appears only when it is committed`() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/out.tif"
      func verified() throws -> VerifiedRaster {
        try RasterWriter(
          creating: path, scratchDirectory: directory, RasterDescription(width: 64, height: 64)
        ).verified()
      }
      var raster: VerifiedRaster? = try verified()
      #expect(raster != nil && !FileManager.default.fileExists(atPath: path))
      raster = nil
      #expect(try names(in: directory) == [])
      raster = try verified()
      #expect(try raster?.commit().path == path)
      raster = nil
      #expect(try names(in: directory) == ["out.tif"])
    }
  }
}

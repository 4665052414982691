import Grids
import Rasters
import TestSupport
import Testing

@Suite struct SubdatasetTests {
  /// Creates a TIFF of two directories; GDAL lists each as a subdataset and opens the first by default.
  private func twoPages() throws -> String {
    let path = memoryPath("pages.tif")
    try makeRaster(at: path, width: 2, height: 1, bands: [[1, 2]])
    try makeRaster(
      at: path, width: 3, height: 1, bands: [[3, 4, 5]], options: ["APPEND_SUBDATASET": "YES"])
    return path
  }

  @Test func `a subdataset is chosen by number or by its full name`() throws {
    let path = try twoPages()
    let choices = try Dataset(reading: path).subdatasets
    #expect(choices.map(\.name) == ["GTIFF_DIR:1:\(path)", "GTIFF_DIR:2:\(path)"])
    #expect(try Dataset(reading: path).width == 2)
    for name in ["2", choices[1].name, "2:\(path)"] {
      let dataset = try Dataset(reading: path, subdataset: name)
      #expect(try dataset.read(dataset.grid.window, band: 1) == [3, 4, 5])
    }
  }

  @Test(arguments: ["3", "0", "height"])
  func `the error for a missing subdataset lists the existing ones`(name: String) throws {
    let path = try twoPages()
    let error = #expect(throws: RasterError.self) {
      _ = try Dataset(reading: path, subdataset: name)
    }
    #expect(error?.kind == .usage)
    #expect(error?.message.contains("\"\(name)\"") == true)
    #expect(error?.message.contains("GTIFF_DIR:2:\(path)") == true)
  }

  @Test func `an ambiguous subdataset name is refused`() throws {
    let path = try twoPages()
    let error = #expect(throws: RasterError.self) {
      _ = try Dataset(reading: path, subdataset: path)
    }
    #expect(error?.message.contains("2 subdatasets called") == true)
  }

  @Test func `naming a subdataset of a raster without any is a usage error`() throws {
    let path = try makeRaster(width: 1, height: 1, bands: [[1]])
    let error = #expect(throws: RasterError.self) {
      _ = try Dataset(reading: path, subdataset: "1")
    }
    #expect(error?.kind == .usage)
  }

  @Test(
    .enabled(if: GDAL.hasDriver("netCDF"), "GDAL has no netCDF driver"),
    .enabled(if: hasSharedData("scenes"), "shared data is absent"))
  func `the error for a NetCDF container lists its variables, which open by name`() throws {
    let path = sharedPath("scenes/rasterio/RGB.nc")
    let error = #expect(throws: RasterError.self) { _ = try Dataset(reading: path) }
    #expect(error?.kind == .badData)
    #expect(error?.message.contains("--subdataset") == true)
    #expect(error?.message.contains("NETCDF:\"\(path)\":Band1") == true)
    let band = try Dataset(reading: path, subdataset: "Band1")
    #expect(band.bands.count == 1 && band.driver == "netCDF")
  }
}

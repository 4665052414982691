import Foundation
import Grids
import Rasters
import TestSupport
import Testing

@Suite struct TerrainTests {
  /// A plane that falls by `slope` to the east, in metres on the ground of UTM.
  private func plane(slope: Float, hole: Bool = false) throws -> String {
    var values = (0..<200 * 120).map { -slope * 10 * Float($0 % 200) }
    if hole { values.replaceSubrange(0..<200 * 10, with: repeatElement(-9999, count: 2000)) }
    return try makeRaster(width: 200, height: 120, bands: [values]) {
      try $0.setNoData(-9999, band: 1)
      try $0.setGeoreferencing(
        Georeferencing(
          geoTransform: GeoTransform([500_000, 10, 0, 5_300_000, 0, -10]),
          crs: try CRS("EPSG:32633")))
    }
  }

  /// Light on a plane by Lambert's law, in GDAL's 1 to 255.
  private func light(slope: Double, azimuth: Double) -> Float {
    let (fall, sun) = (90.0 * .pi / 180, azimuth * .pi / 180)
    let angle = atan(slope)
    let cosine = sin(.pi / 4) * cos(angle) + cos(.pi / 4) * sin(angle) * cos(sun - fall)
    return Float((1 + 254 * max(0, cosine)).rounded())
  }

  @Test(arguments: [(0.0, 315.0), (0.3, 315), (0.3, 90), (-1, 45)])
  func `a plane is lit by the cosine of the angle to the light`(slope: Double, azimuth: Double)
    throws
  {
    let shade = memoryPath("shade.tif")
    try Terrain.hillshade(
      of: try plane(slope: Float(slope)), to: shade, zFactor: 1, azimuth: azimuth)
    let dataset = try Dataset(reading: shade)
    let values = try dataset.read(Window(column: 5, row: 5, width: 190, height: 110), band: 1)
    let expected = light(slope: slope, azimuth: azimuth)
    #expect(values.allSatisfy { abs($0 - expected) <= 1 })
  }

  @Test func `a hillshade does not overwrite and does not appear half`() throws {
    let path = try plane(slope: 0.1)
    let shade = memoryPath("shade.tif")
    try Terrain.hillshade(of: path, to: shade)
    let error = #expect(throws: RasterError.self) { try Terrain.hillshade(of: path, to: shade) }
    #expect(error?.kind == .cannotCreate)
    let other = memoryPath("shade.tif")
    let cancelled = #expect(throws: RasterError.self) {
      try Terrain.hillshade(of: path, to: other) { _ in false }
    }
    #expect(cancelled?.kind == .cancelled)
    #expect(throws: RasterError.self) { _ = try Dataset(reading: other) }
  }

  @Test func `a picture has the long side asked for and is clear where there is no value`() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/look.png"
      let result = try Quicklook.write(
        of: try plane(slope: 0.1, hole: true), to: path, longSide: 50)
      #expect((result.width, result.height) == (50, 30))
      let picture = try Dataset(reading: path)
      #expect((picture.width, picture.height, picture.driver) == (50, 30, "PNG"))
      let alpha = try picture.read(picture.grid.window, band: 4)
      // The hole is ten rows of 120, two and a half of thirty: half a row of it is averaged away.
      #expect(alpha[0..<100].allSatisfy { $0 == 0 })
      #expect(alpha[150...].allSatisfy { $0 == 255 })
      #expect(try names(in: directory) == ["look.png"])
    }
  }

  @Test(arguments: [Float(0.001), 0.1, 40])
  func `the same shape in any unit makes the same picture`(slope: Float) throws {
    let (first, second) = (memoryPath("a.png"), memoryPath("b.png"))
    let gentle = try Quicklook.write(of: try plane(slope: 0.1), to: first)
    let other = try Quicklook.write(of: try plane(slope: slope), to: second)
    #expect(abs(other.exaggeration * Double(slope) - gentle.exaggeration * 0.1) < 1e-3)
    let a = try Dataset(reading: first)
    let b = try Dataset(reading: second)
    let (x, y) = (try a.read(a.grid.window, band: 1), try b.read(b.grid.window, band: 1))
    #expect(zip(x, y).allSatisfy { abs($0 - $1) <= 1 })
    // The median slope is shown as 20°, lit from the north-west.
    let lit = light(slope: tan(20 * .pi / 180), azimuth: 315)
    #expect(abs(x[100 + 60 * 200] - lit) <= 1)
  }

  @Test func `flat ground is drawn, and a raster without values is refused`() throws {
    let result = try Quicklook.write(of: try plane(slope: 0), to: memoryPath("flat.png"))
    #expect(result.exaggeration == 1)
    let empty = try makeRaster(width: 4, height: 4, bands: [[Float](repeating: -1, count: 16)]) {
      try $0.setNoData(-1, band: 1)
    }
    let error = #expect(throws: RasterError.self) {
      try Quicklook.write(of: empty, to: memoryPath("empty.png"))
    }
    #expect(error?.kind == .badData)
  }
}

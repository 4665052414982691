import Foundation
import Grids
import Rasters
import TestSupport
import Testing

@Suite struct TerrainTests {
  /// Creates a plane that falls to the east with the given slope, in meters of UTM.
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

  /// Returns the illumination of a plane by Lambert's law, in GDAL's range of 1 to 255.
  private func light(slope: Double, azimuth: Double) -> Float {
    let (aspect, sun) = (90.0 * .pi / 180, azimuth * .pi / 180)
    let angle = atan(slope)
    let cosine = sin(.pi / 4) * cos(angle) + cos(.pi / 4) * sin(angle) * cos(sun - aspect)
    return Float((1 + 254 * max(0, cosine)).rounded())
  }

  @Test(arguments: [(0.0, 315.0), (0.3, 315), (0.3, 90), (-1, 45)])
  func `the shade of a plane is the cosine of its angle to the light`(
    slope: Double, azimuth: Double
  )
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

  @Test func `a hillshade does not overwrite a file or appear incomplete`() throws {
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

  @Test func `a quicklook has the requested size and is transparent at nodata`() throws {
    let picture = try Quicklook(of: try plane(slope: 0.1, hole: true), longSide: 50).picture
    #expect((picture.width, picture.height) == (50, 30))
    let alpha = stride(from: 3, to: picture.samples.count, by: 4).map { picture.samples[$0] }
    // The hole is 10 of 120 rows, or 2.5 of 30 rows, of which half a row is lost to averaging.
    #expect(alpha[0..<100].allSatisfy { $0 == 0 })
    #expect(alpha[150...].allSatisfy { $0 == 255 })
  }

  @Test(arguments: [Float(0.001), 0.1, 40])
  func `the image does not depend on the unit of the heights`(slope: Float) throws {
    let gentle = try Quicklook(of: try plane(slope: 0.1))
    let other = try Quicklook(of: try plane(slope: slope))
    #expect(abs(other.exaggeration * Double(slope) - gentle.exaggeration * 0.1) < 1e-3)
    let red = { (quicklook: Quicklook) in
      stride(from: 0, to: quicklook.picture.samples.count, by: 4)
        .map { Float(quicklook.picture.samples[$0]) }
    }
    let (x, y) = (red(gentle), red(other))
    #expect(zip(x, y).allSatisfy { abs($0 - $1) <= 1 })
    // The median slope is shaded as 20°, lit from the northwest.
    let lit = light(slope: tan(20 * .pi / 180), azimuth: 315)
    #expect(abs(x[100 + 60 * 200] - lit) <= 1)
  }

  @Test func `flat terrain is drawn, and a raster without valid pixels is refused`() throws {
    #expect(try Quicklook(of: try plane(slope: 0)).exaggeration == 1)
    let empty = try makeRaster(width: 4, height: 4, bands: [[Float](repeating: -1, count: 16)]) {
      try $0.setNoData(-1, band: 1)
    }
    let error = #expect(throws: RasterError.self) {
      try Quicklook(of: empty)
    }
    #expect(error?.kind == .badData)
  }
}

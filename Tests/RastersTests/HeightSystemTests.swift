import Foundation
import Grids
import Rasters
import Testing

@Suite struct HeightSystemTests {
  @Test(arguments: [
    ("EPSG:5773", 1, false), ("EPSG:3855", 1, false), ("EPSG:4979", 1, true),
    ("EPSG:6360", 1200.0 / 3937, false), ("EPSG:32633+5773", 1, false),
  ])
  func `a definition has a datum and a unit`(
    definition: String, metersPerUnit: Double, isEllipsoidal: Bool
  ) throws {
    let system = try HeightSystem(definition)
    #expect(abs(system.metersPerUnit / metersPerUnit - 1) < 1e-12)
    #expect(system.isEllipsoidal == isEllipsoidal)
  }

  @Test(arguments: ["EPSG:32633", "EPSG:4326", "EPSG:6357"])  // the last one has depths
  func `a system without upward heights is refused`(definition: String) throws {
    let error = #expect(throws: RasterError.self) { try HeightSystem(definition) }
    #expect(error?.kind == .usage && error?.message.contains(definition) == true)
    #expect(error?.message.contains("EPSG:5773 (EGM96)") == true)
    #expect(try HeightSystem(of: CRS(definition)) == nil)
  }

  @Test func `a name that PROJ does not know is answered with codes of heights`() {
    let error = #expect(throws: RasterError.self) { try HeightSystem("EGM96") }
    #expect(error?.kind == .usage && error?.message.contains("EPSG:5773 (EGM96)") == true)
  }

  @Test func `feet have a counterpart in meters of the same datum`() throws {
    let meters = try HeightSystem("EPSG:6360").inMeters
    #expect(meters.crs.authority == "EPSG:5703")
    #expect(meters.metersPerUnit == 1)
    let same = try HeightSystem("EPSG:5773").inMeters
    #expect(try same == HeightSystem("EPSG:5773"))
  }

  @Test func `positions and heights make a compound system`() throws {
    let utm = try CRS("EPSG:32633")
    let compound = try HeightSystem("EPSG:5773").compound(with: utm)
    #expect(try HeightSystem(of: compound)?.isSame(as: HeightSystem("EPSG:5773")) == true)
    #expect(try compound.isSame(as: CRS("EPSG:32633+5773")))
    // Heights that positions have already are replaced.
    let other = try HeightSystem("EPSG:3855").compound(with: compound)
    #expect(try other.isSame(as: CRS("EPSG:32633+3855")))
    let above = try HeightSystem("EPSG:4979").compound(with: CRS("EPSG:4326"))
    #expect(try above.isSame(as: CRS("EPSG:4979")))
  }

  @Test func `a system survives coding`() throws {
    let system = try HeightSystem("EPSG:6360")
    let data = try JSONEncoder().encode([system])
    #expect(try JSONDecoder().decode([HeightSystem].self, from: data) == [system])
  }

  /// The geoid of EGM96 lies 17.16 m above the ellipsoid at 0° N 0° E.
  ///
  /// Source: NGA, EGM96 geoid height file `WW15MGH.DAC`.
  @Test func `heights above the geoid become heights above the ellipsoid`() throws {
    let (geoid, ellipsoid) = (try HeightSystem("EPSG:5773"), try HeightSystem("EPSG:4979"))
    let degrees = try CRS("EPSG:4326")
    let place = Grid(
      width: 1, height: 1, geoTransform: GeoTransform([-0.001, 0.002, 0, 0.001, 0, -0.002]))
    var heights: [Float] = [100]
    try HeightTransformation(from: geoid, to: ellipsoid, at: degrees, area: nil)
      .apply(&heights, on: place)
    #expect(abs(heights[0] - 117.16) < 0.02)
    try HeightTransformation(from: ellipsoid, to: geoid, at: degrees, area: nil)
      .apply(&heights, on: place)
    #expect(abs(heights[0] - 100) < 0.001)
  }

  @Test func `a grid that is not installed is named`() throws {
    guard !GDAL.hasProjGrid("us_nga_egm08_25.tif"), !GDAL.isProjNetworkEnabled else { return }
    let (from, to) = (try HeightSystem("EPSG:3855"), try HeightSystem("EPSG:4979"))
    let error = #expect(throws: RasterError.self) {
      _ = try HeightTransformation(
        from: from, to: to, at: CRS("EPSG:32633"),
        area: Bounds(minX: 14, minY: 45, maxX: 15, maxY: 46))
    }
    #expect(error?.kind == .missingResource)
    // The name of a file, and not what is left of it in memory that was freed.
    let name = error?.message.split(separator: "projsync --file ").last?.prefix { $0 != " " }
    #expect(
      name.map { $0.wholeMatch(of: /[A-Za-z0-9_.-]+\.(tif|gtx)/) != nil } == true, "\(error!)")
  }

  @Test func `datums that nothing relates are not taken for each other`() throws {
    // Heights of Peninsular Malaysia and of Norway.
    let (from, to) = (try HeightSystem("EPSG:5704"), try HeightSystem("EPSG:5941"))
    let error = #expect(throws: RasterError.self) {
      _ = try HeightTransformation(from: from, to: to, at: CRS("EPSG:4326"), area: nil)
    }
    #expect(error?.kind == .missingResource)
  }
}

import Grids
import Rasters
import Scenes
import TestSupport
import Testing

/// A run preserves every kind of georeferencing.
@Suite struct GeometryTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func output(of fixture: SceneFixture, driver: String = "GTiff") async throws
    -> (Georeferencing, Georeferencing, SceneReport)
  {
    let path = folder("scene.tif")
    try fixture.write(to: path)
    let report = try await infer(path, to: folder("dem.tif"))
    let input = try Dataset(reading: path)
    let output = try Dataset(reading: folder("dem.tif"))
    return (input.georeferencing, output.georeferencing, report)
  }

  @Test(arguments: [
    [500_000.1, 30, 0, 5_000_000.7, 0, -30],  // north-up
    [500_000, 30, 0, 5_000_000, 0, 30],  // south-up
    [500_000, 21.3, 20.9, 5_000_000, 20.7, -21.1],  // rotated
  ])
  func `a geotransform is preserved bit for bit`(coefficients: [Double]) async throws {
    var fixture = try SceneFixture()
    fixture.georeferencing.geoTransform = GeoTransform(coefficients)
    let (input, output, _) = try await output(of: fixture)
    #expect(output.geoTransform == GeoTransform(coefficients))
    #expect(output.geoTransform == input.geoTransform)
    #expect(try #require(output.crs).isSame(as: #require(input.crs)))
  }

  @Test func `ground control points alone give an output in sensor geometry`() async throws {
    var fixture = try SceneFixture()
    let crs = try CRS(SceneFixture.utm)
    fixture.georeferencing = Georeferencing(
      groundControlPoints: [(0.0, 0.0), (300, 0), (0, 220), (300, 220)].map { column, row in
        GroundControlPoint(
          id: "\(column) \(row)", column: column, row: row, x: 500_000 + 30 * column,
          y: 5_000_000 - 30 * row)
      }, groundControlCRS: crs)
    let (input, output, report) = try await output(of: fixture)
    #expect(output.kind == .groundControl)
    #expect(output.groundControlPoints == input.groundControlPoints)
    #expect(report.warnings.contains { $0.contains("sensor geometry") })
    let tags = try Dataset(reading: folder("dem.tif")).metadata(domain: nil)
    #expect(tags["GEOMETRY"] == "sensor")
  }

  @Test func `a scene without georeferencing gives a warning`() async throws {
    var fixture = try SceneFixture()
    fixture.georeferencing = Georeferencing()
    let (_, output, report) = try await output(of: fixture)
    #expect(output.kind == .none && output.crs == nil)
    #expect(report.warnings.contains { $0.contains("no georeferencing") })
  }

  @Test func `pixel-is-point is preserved`() async throws {
    var fixture = try SceneFixture()
    fixture.georeferencing.areaOrPoint = "Point"
    let (input, output, _) = try await output(of: fixture)
    #expect(output.areaOrPoint == "Point" && output.geoTransform == input.geoTransform)
  }
}

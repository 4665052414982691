import Grids
import Rasters
import Scenes
import TestModels
import TestSupport
import Testing

/// A box in longitude and latitude selects the right pixels, whatever the longitude at which the scene starts.
@Suite struct BoxTests {
  /// The window of a box on a scene of 300 × 300 pixels of noise.
  private func window(
    _ crs: String, _ transform: [Double], box: [Double], in boxCRS: String? = "EPSG:4326"
  ) async throws -> Window {
    let path = try makeRaster(
      width: 300, height: 300, bands: [noise(90_000)], type: "UInt16"
    ) {
      try $0.setGeoreferencing(
        Georeferencing(geoTransform: GeoTransform(transform), crs: try CRS(crs)))
    }
    var options = SceneOptions()
    options.forcesGSD = true
    options.area = .bounds(
      Bounds(minX: box[0], minY: box[1], maxX: box[2], maxY: box[3]), try boxCRS.map { try CRS($0) }
    )
    return try await ScenePlan.make(
      for: SceneSource(path), model: BrightnessModel(), options: options
    ).area
  }

  private static let utm60 = [705_000.0, 30, 0, 5_700_000, 0, -30]

  @Test func `a box with west greater than east crosses the antimeridian`() async throws {
    let crossing = try await window("EPSG:32660", Self.utm60, box: [179.95, 51.38, -179.98, 51.4])
    let beyond = try await window("EPSG:32660", Self.utm60, box: [179.95, 51.38, 180.02, 51.4])
    #expect(crossing == beyond && crossing.width > 100)
  }

  @Test(arguments: [179.97, -180.03])
  func `a geographic scene across the antimeridian may start at any longitude`(west: Double)
    async throws
  {
    let transform = [west, 0.0002, 0, 51.42, 0, -0.0002]
    let across = try await window("EPSG:4326", transform, box: [179.98, 51.38, -179.98, 51.4])
    #expect(across == Window(column: 50, row: 100, width: 200, height: 100))
    for (box, column) in [
      ([-180.0, 51.38, -179.98, 51.4], 150), ([179.98, 51.38, 180, 51.4], 50),
    ] {
      let half = try await window("EPSG:4326", transform, box: box)
      #expect(half == Window(column: column, row: 100, width: 100, height: 100))
    }
    // The same area in another datum.
    let other = try await window(
      "EPSG:4326", transform, box: [179.98, 51.38, -179.98, 51.4], in: "EPSG:4258")
    #expect(abs(other.column - across.column) <= 1 && abs(other.width - across.width) <= 2)
  }

  @Test func `a box at both edges of a scene is rejected with its parts`() async throws {
    for (crs, transform) in [
      ("EPSG:4326", [-180, 1.2, 0, 80, 0, -0.5]),
      ("EPSG:3857", [-20_037_508.34, 133_583.39, 0, 1e7, 0, -66_666]),
    ] {
      let error = await #expect(throws: SceneError.self) {
        _ = try await window(crs, transform, box: [170, 20, -170, 40])
      }
      #expect(error?.message.contains("--window 0,") == true, "\(error?.message ?? "")")
    }
  }

  @Test func `a projected box with west greater than east is rejected as empty`() async throws {
    let error = await #expect(throws: SceneError.self) {
      _ = try await window(
        "EPSG:32660", Self.utm60, box: [712_000, 5_692_000, 707_000, 5_698_000], in: nil)
    }
    #expect(error?.kind == .usage && error?.message.contains("is empty") == true)
  }

  @Test func `a box outside the scene is rejected with the extent of the scene`() async throws {
    let error = await #expect(throws: SceneError.self) {
      _ = try await window("EPSG:32660", Self.utm60, box: [10, 50, 11, 51])
    }
    #expect(error?.message.contains("--bbox 179.9") == true, "\(error?.message ?? "")")
  }
}

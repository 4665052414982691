import Foundation
import Grids
import Rasters
import TestSupport
import Testing

/// A trial write detects, before a long run, errors that would otherwise occur at its end.
@Suite(.serialized) struct RoundTripCheckTests {
  private func georeferencing(needingSidecar: Bool) throws -> Georeferencing {
    var result = Georeferencing(geoTransform: GeoTransform([500_000, 30, 0, 5_000_000, 0, -30]))
    result.crs = try CRS("EPSG:32633")
    // A GeoTIFF cannot store the names of ground control points.
    if needingSidecar {
      result = Georeferencing(
        groundControlPoints: [
          GroundControlPoint(id: "a", info: "a church", column: 0.5, row: 0.5, x: 10, y: 50, z: 3),
          GroundControlPoint(id: "b", column: 9.5, row: 0.5, x: 10.1, y: 50.01),
          GroundControlPoint(id: "c", column: 0.5, row: 7.5, x: 10.01, y: 49.9),
        ], groundControlCRS: try CRS("EPSG:4326"))
    }
    return result
  }

  private func checkRoundTrip(
    needingSidecar: Bool = true, options: [String: String] = [:]
  ) throws -> RasterError? {
    try withTemporaryDirectory { directory in
      var description = RasterDescription(
        width: 3000, height: 2000,
        georeferencing: try georeferencing(needingSidecar: needingSidecar))
      description.creationOptions = options
      do throws(RasterError) {
        try RasterWriter.checkRoundTrip(in: directory, description)
        #expect(try! names(in: directory) == [])
        return nil
      } catch {
        return error
      }
    }
  }

  @Test(arguments: [true, false]) func `an ordinary raster passes and leaves no files`(
    needingSidecar: Bool
  ) throws {
    let error = try checkRoundTrip(needingSidecar: needingSidecar)
    #expect(error == nil, "\(error as Any)")
  }

  /// Uses settings that users change for reading scenes.
  @Test(arguments: [
    "GDAL_PAM_ENABLED=NO", "ESRI_XML_PAM=YES", "GDAL_DISABLE_READDIR_ON_OPEN=EMPTY_DIR",
    "GTIFF_POINT_GEO_IGNORE=YES",
  ])
  func `GDAL settings for reading do not affect an output`(setting: String) throws {
    let parts = setting.split(separator: "=").map(String.init)
    let error = try withGDALSetting(parts[0], parts[1]) { try checkRoundTrip() }
    #expect(error == nil, "\(error as Any)")
  }

  @Test func `the error names only the creation option that loses information`() throws {
    let error = try checkRoundTrip(
      needingSidecar: false, options: ["OVERVIEW_COMPRESS": "WEBP", "LEVEL": "9"])
    #expect(error?.kind == .usage)
    #expect(error?.message.contains("OVERVIEW_COMPRESS=WEBP") == true, "\(error as Any)")
    #expect(error?.message.contains("LEVEL") == false)
  }
}

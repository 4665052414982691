import Foundation
import Grids
import Rasters
import Scenes
import TestModels
import TestSupport
import Testing

/// The expected result for a real scene with an unusual feature, written down before the first run.
struct SceneExpectation: Sendable, CustomTestStringConvertible {
  let file: String
  var subdataset: String?
  var bands: [Int]?
  var isForced = false
  /// A part of the error message; nil if a raster is expected.
  var refusal: String?
  /// Parts of the warnings.
  var warnings: [String] = []

  var testDescription: String { file + (isForced ? " forced" : "") }

  static func refused(_ file: String, _ words: String, bands: [Int]? = nil, forced: Bool = false)
    -> SceneExpectation
  {
    SceneExpectation(file: file, bands: bands, isForced: forced, refusal: words)
  }

  static func written(
    _ file: String, bands: [Int]? = nil, subdataset: String? = nil, forced: Bool = false,
    _ warnings: String...
  ) -> SceneExpectation {
    SceneExpectation(
      file: file, subdataset: subdataset, bands: bands, isForced: forced, warnings: warnings)
  }
}

@Suite(.enabled(if: hasSharedData("scenes"), "requires the shared scenes next to the repository"))
struct SharedScenesTests {
  static let far = "--force-gsd"
  static let unclear = "--bands"
  static let none = "no georeferencing"
  static let gray = "only band is repeated"

  static let expectations: [SceneExpectation] = [
    // Pixel sizes inside the network's range, and bands identified by their color interpretation.
    .written("opengeos/landsat7_sanfrancisco.tif"),
    .written("worldwind/craterlake-imagery-30m.tif"),
    // Pixel sizes outside the range by at most a factor of two: resampled, and written on the scene's grid.
    .written("rio_tiler/clp.tif", "processed at", gray),
    .written("stars/S2_B01.jp2", gray),
    // Ambiguous bands.
    .refused("opengeos/landsat_2020.tif", unclear),
    .refused("opengeos/naip_m_4709963_se_14_1_20150926.tif", unclear),
    .refused("opengeos/s2_float64_rottumerplaat.tif", unclear),
    .refused("rio_tiler/mosaic_cog1.tif", unclear),
    .refused("rio_tiler/mosaic_cog2.tif", unclear),
    .refused("terrainr/naip_float32_rgbn.tif", unclear),
    .refused("stars/test_stageiv_xyt.nc", unclear),
    .written("opengeos/landsat_2020.tif", bands: [3, 2, 1], "processed at"),
    .written(
      "opengeos/naip_m_4709963_se_14_1_20150926.tif", bands: [1, 2, 3], forced: true, "forced"),
    .refused("opengeos/s2_float64_rottumerplaat.tif", far, bands: [3, 2, 1]),
    .written("rio_tiler/mosaic_cog1.tif", bands: [1, 2, 3], forced: true, "forced"),
    .written("terrainr/naip_float32_rgbn.tif", bands: [1, 2, 3]),
    // Pixels much too small or too large, and the same scenes forced.
    .refused("rasterio/RGB.byte.tif", far),
    .refused("rasterio/RGB2.byte.tif", far),
    .refused("rasterio/RGBA.byte.tif", far),
    .refused("rasterio/RGBA.uint16.tif", far),
    .refused("rasterio/alpha.tif", far),
    .refused("rasterio/goes.tif", far),
    .refused("rasterio/world.byte.tif", far),
    .refused("rasterio/shade.tif", far),
    .refused("rasterio/rgb1.tif", far),
    .refused("rasterio/rgb2.tif", far),
    .refused("rasterio/rgb3.tif", far),
    .refused("rasterio/rgb4.tif", far),
    .refused("rasterio/float_raster_with_nodata.tif", far),
    .refused("rio_tiler/cog_hirise_mars.tif", far),
    .refused("rio_tiler/cog_rgb_mask.tif", far),
    .refused("rio_tiler/cog_rgba.tif", far),
    .refused("rio_tiler/cog_tags.tif", far),
    .refused("rio_tiler/cog_uint8_rgb_mask.tif", far),
    .refused("rio_tiler/hro_colorado.tif", far),
    .refused("rio_tiler/hro_colorado_alpha.tif", far),
    .refused("rio_tiler/hro_colorado_mask.tif", far),
    .refused("rio_tiler/hro_colorado_nodata.tif", far),
    .refused("rio_tiler/lowres.tif", far),
    .refused("worldwind/sba_rgb_wgs84_512x512.tif", far),
    .written("rasterio/RGB.byte.tif", forced: true, "forced"),
    .written("rasterio/RGB2.byte.tif", forced: true, "forced"),
    .written("rasterio/RGBA.byte.tif", forced: true, "forced"),
    .refused("rasterio/RGBA.uint16.tif", "--stretch", forced: true),
    .written("rasterio/alpha.tif", forced: true, "forced"),
    .written("rasterio/goes.tif", forced: true, "forced"),
    .written("rasterio/world.byte.tif", forced: true, "forced", gray),
    .refused("rasterio/shade.tif", "--stretch", forced: true),
    .written("rasterio/rgb4.tif", forced: true, "forced"),
    .written("rasterio/float_raster_with_nodata.tif", forced: true, "forced", gray),
    .written("rio_tiler/cog_hirise_mars.tif", forced: true, "forced"),
    .written("rio_tiler/cog_rgb_mask.tif", forced: true, "forced"),
    .written("rio_tiler/cog_rgba.tif", forced: true, "forced"),
    .written("rio_tiler/cog_tags.tif", forced: true, "forced", gray),
    .written("rio_tiler/hro_colorado_alpha.tif", forced: true, "forced"),
    .written("rio_tiler/hro_colorado_mask.tif", forced: true, "forced"),
    .written("rio_tiler/hro_colorado_nodata.tif", forced: true, "forced"),
    .written("rio_tiler/lowres.tif", forced: true, "forced", gray),
    .written("worldwind/sba_rgb_wgs84_512x512.tif", forced: true, "forced"),
    // Only ground control points or an RPC model: sensor geometry.
    .refused("rasterio/RGB.byte.gcp.vrt", far),
    .refused("rasterio/RGB.byte.rpc.vrt", far),
    .written("rasterio/RGB.byte.gcp.vrt", forced: true, "sensor geometry", "forced"),
    .written("rasterio/RGB.byte.rpc.vrt", forced: true, "sensor geometry", "forced"),
    // No georeferencing at all, or a transform without a CRS.
    .written("rasterio/RGB2.byte.tif.msk", none, gray),
    .written("rasterio/rotated.tif", "pixel size is unknown", gray),
    .written("rasterio/float_nan.tif", "pixel size is unknown", gray),
    .written("xrspatial/red_band.nc", "pixel size is unknown", gray),
    .written("xrspatial/green_band.nc", gray),
    .written("xrspatial/blue_band.nc", gray),
    .written("xrspatial/nir_band.nc", gray),
    // Classes instead of brightness.
    .refused("rio_tiler/cog_cmap.tif", "-expand rgb"),
    .refused("stars/lc.tif", "-expand rgb"),
    // Containers.
    .refused("rasterio/RGB.nc", "--subdataset"),
    .refused("stars/reduced.nc", "--subdataset"),
    .written("rasterio/RGB.nc", subdataset: "1", forced: true, "forced", gray),
    // Not a raster; a damaged block, so an output with holes; no valid pixels; two by two pixels.
    .refused("stars/lc.tif.aux.xml", "lc.tif.aux.xml"),
    .written("rasterio/corrupt.tif", forced: true, "damaged"),
    .refused("rasterio/all-nodata.tif", "valid", forced: true),
    .written("rasterio/test_esri_wkt.tif", "processed at", gray),
    // A scene with pixels of 100 m and seven million pixels is processed at 60 m, as twenty million pixels.
    .written("rio_tiler/cog.tif", "processed at", gray),
    .written("rio_tiler/cog_int16.tif", "processed at", gray),
    .written("rio_tiler/cog_nodata.tif", "processed at", gray),
  ]

  @Test(arguments: sample(expectations, every: 3))
  func `every scene ends as expected`(expected: SceneExpectation) async throws {
    let folder = try TemporaryFolder()
    do {
      var options = SceneOptions()
      options.forcesGSD = expected.isForced
      let scene = try SceneSource(
        sharedPath("scenes/" + expected.file), subdataset: expected.subdataset,
        bands: expected.bands)
      let model = BrightnessModel(gsdRange: 21...60)
      let plan = try await ScenePlan.make(for: scene, model: model, options: options)
      let run = try SceneRun(
        plan, scene: scene, model: model, options: options, output: OutputOptions(folder("out.tif"))
      )
      let report = try await run()
      #expect(expected.refusal == nil, "the raster was written, expected an error")
      #expect((report.holes > 0) == report.warnings.contains { $0.contains("damaged") })
      for words in expected.warnings {
        #expect(report.warnings.contains { $0.contains(words) }, "\(report.warnings)")
      }
      let output = try Dataset(reading: folder("out.tif"))
      #expect(output.width == scene.grid.width && output.height == scene.grid.height)
      #expect(
        output.georeferencing.geoTransform == scene.information.georeferencing.geoTransform)
    } catch let error as SceneError {
      #expect(try #require(expected.refusal, "\(error)").isPart(of: error.message))
    } catch let error as RasterError {
      #expect(try #require(expected.refusal, "\(error)").isPart(of: error.description))
    }
  }
}

extension String {
  fileprivate func isPart(of text: String) -> Bool { text.contains(self) }
}

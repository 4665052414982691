import Foundation
import Grids
import Rendering
import Rasters

/// Makes the sample scene and its reference DEM: `make-sample [directory]`, by default in `SampleData`.
///
/// The mountains are synthetic, so no license applies to them. They are rendered as Landsat 8 would image them.
@main struct MakeSample {
  static func main() {
    do {
      let directory = CommandLine.arguments.dropFirst().first ?? "SampleData"
      let terrain = FractalTerrain(width: 1300, height: 1150, gsdInMeters: 30)
      let field = terrain.heightField()
      let renderer = TerrainRenderer(seed: terrain.seed)
      try write(renderer.render(field), by: renderer, to: "\(directory)/ridges_rgbn.tif")
      try write(field, to: "\(directory)/ridges_dem.tif")
    } catch {
      FileHandle.standardError.write(Data("make-sample: \(error)\n".utf8))
      exit(1)
    }
  }

  /// A location in the open Atlantic, so that nobody mistakes the mountains for real ones.
  static func georeferencing() throws -> Georeferencing {
    Georeferencing(
      geoTransform: GeoTransform([480_000, 30, 0, 5_130_000, 0, -30]), crs: try CRS("EPSG:32626"),
      areaOrPoint: "Area")
  }

  static func write(_ image: RenderedImage, by renderer: TerrainRenderer, to path: String) throws {
    let swath = Swath(width: image.width, height: image.height)
    var writer = ImageWriter(width: image.width, height: image.height, type: "UInt16")
    writer.georeferencing = try georeferencing()
    writer.noData = Double(Sensor.fill)
    writer.metadata = [
      "AREA_OR_POINT": "Area",
      "SUN_AZIMUTH": "\(renderer.sun.azimuthInDegrees)",
      "SUN_ELEVATION": "\(renderer.sun.elevationInDegrees)",
    ]
    let bands: [(SpectralBand, String, ColorInterpretation)] = [
      (.red, "red", .red), (.green, "green", .green), (.blue, "blue", .blue),
      (.nearInfrared, "nir", .undefined),
    ]
    try writer.write(
      bands.map { band, name, interpretation in
        ImageWriter.Band(
          name: name, interpretation: interpretation,
          values: swath.clipped(image[band]).map(Float.init))
      }, to: path, overwrite: true)
  }

  static func write(_ field: HeightField, to path: String) throws {
    var dataset = try Dataset(
      creating: path, width: field.width, height: field.height, bands: 1, type: "Float32",
      options: ["TILED": "YES", "COMPRESS": "DEFLATE", "PREDICTOR": "3", "ZLEVEL": "9"])
    try dataset.setGeoreferencing(georeferencing())
    try dataset.setNoData(-9999, band: 1)
    try dataset.setDescription("height", band: 1)
    try dataset.setUnit("m", band: 1)
    let window = Window(column: 0, row: 0, width: field.width, height: field.height)
    // Rounded to 1/16 m, because finer digits only make the file larger.
    let heights = field.heights.map { ($0 * 16).rounded() / 16 }
    try dataset.write(window, band: 1, heights.span)
    try dataset.close()
  }
}

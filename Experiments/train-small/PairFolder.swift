import Grids
import Rendering
import Rasters

/// The folder that pairs are written to, without a location on Earth, because rendered terrain has none.
struct PairFolder {
  private let path: String

  init(_ path: String) { self.path = path }

  /// Writes the heights of a terrain.
  ///
  /// - Returns: The path of the file.
  func writeHeights(of terrain: Terrain) throws -> String {
    let file = "\(path)/\(terrain.name)_dem.tif"
    let field = terrain.field
    var dataset = try Dataset(
      creating: file, width: field.width, height: field.height, bands: 1, type: "Float32",
      options: ["TILED": "YES", "COMPRESS": "DEFLATE", "PREDICTOR": "3"])
    try dataset.setNoData(-9999, band: 1)
    try dataset.setDescription("height", band: 1)
    try dataset.setUnit("m", band: 1)
    // Rounded to 1/16 m, because finer digits only make the file larger.
    let heights = terrain.heights.map { $0.isNaN ? -9999 : ($0 * 16).rounded() / 16 }
    try dataset.write(dataset.grid.window, band: 1, heights.span)
    try dataset.close()
    return file
  }

  /// Renders a terrain in red, green, blue and near infrared.
  ///
  /// - Returns: The path of the file.
  func write(_ scenery: Scenery, over terrain: Terrain, named name: String) throws -> String {
    let file = "\(path)/\(name)_rgbn.tif"
    let field = terrain.field
    let renderer = scenery.renderer
    var ground = renderer.landCover.reflectances(of: field)
    scenery.ground.apply(to: &ground, of: field)
    var visibility = renderer.sun.visibility(over: field)
    scenery.clouds?.shade(&visibility, over: field, under: renderer.sun)
    var light = renderer.topOfAtmosphere(field, ground: ground, visibility: visibility)
    scenery.clouds?.hide(&light, over: field)
    var writer = ImageWriter(width: field.width, height: field.height, type: "UInt16")
    writer.noData = Double(Sensor.fill)
    writer.metadata = [
      "GSD_IN_METERS": "\(field.gsdInMeters)",
      "SUN_AZIMUTH": "\(renderer.sun.azimuthInDegrees)",
      "SUN_ELEVATION": "\(renderer.sun.elevationInDegrees)",
      "TREELINE": "\(renderer.landCover.treelineInMeters)",
      "SNOWLINE": "\(renderer.landCover.snowlineInMeters)",
      "HAZE": "\(renderer.atmosphere.haze)",
    ]
    let bands: [(SpectralBand, String, ColorInterpretation)] = [
      (.red, "red", .red), (.green, "green", .green), (.blue, "blue", .blue),
      (.nearInfrared, "nir", .undefined),
    ]
    try writer.write(
      bands.map { band, name, interpretation in
        let numbers = renderer.sensor.digitalNumbers(
          of: light.map { $0[band.rawValue] }, width: field.width, band: band)
        return ImageWriter.Band(
          name: name, interpretation: interpretation, values: numbers.map(Float.init))
      }, to: file, overwrite: true)
    return file
  }
}

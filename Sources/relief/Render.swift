import ArgumentParser
import Foundation
import Grids
import Learning
import Rasters
import Scenes
import Surfaces

/// `relief render DEM IMAGE`: what a satellite would see of a DEM.
struct Render: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draws the satellite image of a DEM: land cover, sun, shadows, air and sensor.",
    discussion: """
      Red, green, blue and near infrared on the DEM's own grid: Landsat 8's digital numbers in 16 bits, or a picture \
      in 8. Land cover follows height, slope, wetness and noise; the sun casts shadows; valleys have rivers, flats lakes. \
      The same options and seed give the same pixels.

      It is a drawing, for tests and for pretraining: how well a network does on it says nothing about its skill on \
      the Earth.

      The DEM holds metres on square pixels; of one in degrees make such a grid first:
        gdalwarp -t_srs EPSG:32632 -tr 30 30 -r cubic degrees.tif metres.tif

      Examples:
        relief render dem.tif image.tif
        relief render dem.tif winter.tif --sun-elevation 18 --snowline 800 --haze 0.3 --bits 8
      """)

  @Argument(help: "Heights in metres: any raster that GDAL opens; the first band counts.")
  var dem: String

  @Argument(help: "The image, a GeoTIFF.")
  var output: String

  @Option(help: "Where the sun stands, in degrees clockwise from north.")
  var sunAzimuth: Double = 145

  @Option(help: "How high it stands, in degrees above the horizon.")
  var sunElevation: Double = 48

  @Option(help: "Optical depth of haze at 0.55 µm: 0.05 is a clear day, 0.4 a murky one.")
  var haze: Double = 0.12

  @Option(help: "Height above which no trees grow, in metres.")
  var treeline: Float = 1900

  @Option(help: "Height above which snow lies, in metres.")
  var snowline: Float = 2900

  @Option(help: "Of land cover and noise.")
  var seed: UInt64 = 42

  @Option(help: "16: digital numbers; 8: 1–99 % of red, green and blue together become 1–255.")
  var bits: Int = 16

  @Flag(help: "Replace the image.")
  var overwrite = false

  /// About 60 were found at the peak, on 0.8 and 1.5 megapixels.
  private static let bytesPerPixel = 80

  func validate() throws {
    guard sunElevation > 0, sunElevation <= 90 else {
      throw ValidationError("--sun-elevation \(sunElevation), expected above 0° and at most 90°")
    }
    guard sunAzimuth.isFinite else { throw ValidationError("--sun-azimuth \(sunAzimuth)") }
    guard haze >= 0, haze <= 2 else { throw ValidationError("--haze \(haze), expected 0 to 2") }
    guard treeline.isFinite, snowline.isFinite else {
      throw ValidationError("--treeline and --snowline are heights in metres")
    }
    guard bits == 8 || bits == 16 else { throw ValidationError("--bits \(bits), expected 8 or 16") }
  }

  func run() throws {
    try FileNames.requireWritable(output)
    let dataset = try Dataset(reading: dem)
    let field = try heights(of: dataset)
    var renderer = TerrainRenderer(seed: seed)
    renderer.sun = Sun(azimuthInDegrees: sunAzimuth, elevationInDegrees: sunElevation)
    renderer.atmosphere.haze = haze
    renderer.landCover.treelineInMeters = treeline
    renderer.landCover.snowlineInMeters = snowline
    let image = renderer.render(field)
    var writer = ImageWriter(
      width: field.width, height: field.height, type: bits == 8 ? "Byte" : "UInt16")
    writer.georeferencing = dataset.georeferencing
    writer.noData = Double(Sensor.fill)
    writer.metadata = [
      "SUN_AZIMUTH": "\(sunAzimuth)", "SUN_ELEVATION": "\(sunElevation)",
      "RELIEF_RENDERED": "haze \(haze), treeline \(treeline), snowline \(snowline), seed \(seed)",
    ]
    try writer.write(bands(of: image), to: output, overwrite: overwrite)
  }

  /// The whole DEM on square metres.
  private func heights(of dataset: borrowing Dataset) throws -> HeightField {
    guard let ground = try dataset.groundSampleDistance() else {
      throw SceneError(
        .badData,
        "\(dem) does not say where it lies, so nothing tells how large its pixels are: gdal_translate -a_ullr and -a_srs say it"
      )
    }
    guard abs(ground.x / ground.y - 1) < 0.05 else {
      throw SceneError(
        .badData,
        String(
          format: "%@ has pixels of %.1f × %.1f m, expected square ones: "
            + "gdalwarp -t_srs EPSG:… -tr %.0f %.0f makes them", dem, ground.x, ground.y,
          ground.mean, ground.mean))
    }
    if let transform = dataset.georeferencing.geoTransform,
      transform.rowX != 0 || transform.columnY != 0 || transform.rowY > 0
    {
      throw SceneError(
        .badData,
        "\(dem) does not lie with north up, and the sun is counted from there: gdalwarp \(dem) north-up.tif"
      )
    }
    let band = dataset.bands[0]
    guard ["", "m", "metre", "metres", "meter", "meters"].contains(band.unit.lowercased()) else {
      throw SceneError(
        .badData,
        "\(dem) has heights in \(band.unit), expected metres: gdal_calc.py -A \(dem) --calc='A*0.3048' turns feet into them"
      )
    }
    let needed = dataset.width * dataset.height * Self.bytesPerPixel
    let free = ProcessLimits().freeMemory
    guard needed < free else {
      throw SceneError(
        .usage,
        "\(dem) has \(dataset.width) × \(dataset.height) pixels, which takes "
          + "\(Resources.text(needed)) of memory, and \(Resources.text(free)) "
          + "is free: render it in parts, as gdal_translate -srcwin cuts them")
    }
    let heights = try dataset.heights(in: dataset.grid.window)
    guard heights.contains(where: { !$0.isNaN }) else {
      throw SceneError(
        .badData, "\(dem) has no valid height: relief info \(dem) says what it declares as nodata")
    }
    return HeightField(
      width: dataset.width, height: dataset.height, gsdInMeters: Float(ground.mean),
      heights: heights.map { Float(Double($0) * band.scale + band.offset) })
  }

  private func bands(of image: RenderedImage) -> [ImageWriter.Band] {
    let bands: [(SpectralBand, String, ColorInterpretation)] = [
      (.red, "red", .red), (.green, "green", .green), (.blue, "blue", .blue),
      (.nearInfrared, "nir", .undefined),
    ]
    let scale = bits == 8 ? stretch(of: image) : nil
    return bands.map { band, name, interpretation in
      ImageWriter.Band(
        name: name, interpretation: interpretation,
        values: image[band].map { number in
          guard let scale, number != Sensor.fill else { return Float(number) }
          let level = 1 + 254 * (Float(number) - scale.low) / (scale.high - scale.low)
          return min(max(level.rounded(), 1), 255)
        })
    }
  }

  /// 1 % and 99 % of what was seen in red, green and blue together.
  private func stretch(of image: RenderedImage) -> (low: Float, high: Float)? {
    let found = StreamedQuantiles.find([0.01, 0.99]) { take in
      for band in [SpectralBand.red, .green, .blue] {
        take(image[band].map { $0 == Sensor.fill ? .nan : Float($0) })
      }
    }
    return found.map { ($0.values[0], max($0.values[1], $0.values[0] + 1)) }
  }
}

import ArgumentParser
import Foundation
import Grids
import Rendering
import Rasters
import Scenes
import Surfaces

/// The command `relief render DEM IMAGE`, which renders a satellite image of a DEM.
struct Render: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Renders a satellite image of a DEM: land cover, sunlight, shadows, atmosphere and sensor.",
    discussion: """
      The image has red, green, blue and near-infrared bands on the grid of the DEM, as 16-bit digital numbers of \
      Landsat 8 or as an 8-bit picture. Land cover depends on height, slope, wetness and noise; the sun casts shadows; \
      there are rivers in valleys and lakes on level areas. The same options and seed give the same pixels.

      The image is synthetic, for tests and pretraining: the accuracy of a network on it says nothing about its \
      accuracy on real scenes.

      The DEM must have heights in meters on square pixels. Reproject a DEM in degrees first:
        gdalwarp -t_srs EPSG:32632 -tr 30 30 -r cubic degrees.tif meters.tif

      Examples:
        relief render dem.tif image.tif
        relief render dem.tif winter.tif --sun-elevation 18 --snowline 800 --haze 0.3 --bits 8
      """)

  @Argument(help: "The DEM, in meters: any raster that GDAL opens; only the first band is read.")
  var dem: String

  @Argument(help: "The image to write, a GeoTIFF.")
  var output: String

  @Option(help: "The azimuth of the sun, in degrees clockwise from north.")
  var sunAzimuth: Double = 145

  @Option(help: "The elevation of the sun, in degrees above the horizon, above 0, at most 90.")
  var sunElevation: Double = 48

  @Option(
    help: "The optical depth of haze at 0.55 µm, 0 to 2: 0.05 is a clear day, 0.4 a very hazy one.")
  var haze: Double = 0.12

  @Option(help: "The height above which no trees grow, in meters.")
  var treeline: Float = 1900

  @Option(help: "The height above which snow lies, in meters.")
  var snowline: Float = 2900

  @Option(help: "The random seed of land cover and noise.")
  var seed: UInt64 = 42

  @Option(
    help:
      "The bits per sample: 16 (digital numbers) or 8 (the 1–99 % range of red, green and blue mapped to 1–255)."
  )
  var bits: Int = 16

  @Flag(help: "Replace an existing image.")
  var overwrite = false

  /// The memory needed per pixel.
  ///
  /// About 60 bytes were measured at the peak, on 0.8 and 1.5 megapixels.
  private static let bytesPerPixel = 80

  func validate() throws {
    guard sunElevation > 0, sunElevation <= 90 else {
      throw ValidationError("--sun-elevation \(sunElevation), expected above 0° and at most 90°")
    }
    guard sunAzimuth.isFinite else {
      throw ValidationError("--sun-azimuth \(sunAzimuth), expected a finite number of degrees")
    }
    guard haze >= 0, haze <= 2 else { throw ValidationError("--haze \(haze), expected 0 to 2") }
    guard treeline.isFinite, snowline.isFinite else {
      throw ValidationError(
        "--treeline \(treeline) and --snowline \(snowline), expected finite heights in meters")
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

  /// Reads the whole DEM as heights in meters.
  ///
  /// - Throws: `SceneError` if the DEM has no georeferencing, no square pixels, is not north-up, is not in meters,
  ///   has no valid height or does not fit into memory.
  private func heights(of dataset: borrowing Dataset) throws -> HeightField {
    guard let pixelSize = try dataset.groundSampleDistance() else {
      throw SceneError(
        .badData,
        "\(dem) has no georeferencing, so its pixel size is unknown: set it with gdal_translate -a_ullr and -a_srs"
      )
    }
    guard abs(pixelSize.x / pixelSize.y - 1) < 0.05 else {
      throw SceneError(
        .badData,
        String(
          format: "%@ has pixels of %.1f × %.1f m, expected square pixels: "
            + "resample it with gdalwarp -t_srs EPSG:… -tr %.0f %.0f", dem, pixelSize.x,
          pixelSize.y, pixelSize.mean, pixelSize.mean))
    }
    if let transform = dataset.georeferencing.geoTransform,
      transform.rowX != 0 || transform.columnY != 0 || transform.rowY > 0
    {
      throw SceneError(
        .badData,
        "\(dem) is not north-up, which the sun azimuth requires: reproject it with gdalwarp \(dem) north-up.tif"
      )
    }
    let band = dataset.bands[0]
    guard ["", "m", "metre", "metres", "meter", "meters"].contains(band.unit.lowercased()) else {
      throw SceneError(
        .badData,
        "\(dem) has heights in \(band.unit), expected m: convert feet with gdal_calc.py -A \(dem) --calc='A*0.3048'"
      )
    }
    let needed = dataset.width * dataset.height * Self.bytesPerPixel
    let free = ProcessLimits().freeMemory
    guard needed < free else {
      throw SceneError(
        .usage,
        "\(dem) has \(dataset.width) × \(dataset.height) pixels, which need "
          + "\(Resources.text(needed)) of memory, but only \(Resources.text(free)) "
          + "are free: cut it into parts with gdal_translate -srcwin")
    }
    let heights = try dataset.heights(in: dataset.grid.window)
    guard heights.contains(where: { !$0.isNaN }) else {
      throw SceneError(
        .badData, "\(dem) has no valid heights: relief info \(dem) shows its declared nodata value")
    }
    return HeightField(
      width: dataset.width, height: dataset.height, gsdInMeters: Float(pixelSize.mean),
      heights: heights.map { Float(Double($0) * band.scale + band.offset) })
  }

  /// The bands to write, in 8 or 16 bits.
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

  /// The 1st and 99th percentile of the valid samples of red, green and blue together; nil if there are none.
  private func stretch(of image: RenderedImage) -> (low: Float, high: Float)? {
    let found = StreamedQuantiles.find([0.01, 0.99]) { add in
      for band in [SpectralBand.red, .green, .blue] {
        add(image[band].map { $0 == Sensor.fill ? .nan : Float($0) })
      }
    }
    return found.map { ($0.values[0], max($0.values[1], $0.values[0] + 1)) }
  }
}

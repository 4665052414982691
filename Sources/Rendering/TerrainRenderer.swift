/// Renders the satellite image of a height field: land cover, sunlight, shadows, atmosphere and sensor.
///
/// The result depends only on the values of the renderer and the field, not on machine or threads. The ground reflects
/// equally in all directions (J. H. Lambert, Photometria, 1760).
public struct TerrainRenderer: Hashable, Sendable {
  /// The direction of the sun.
  public var sun = Sun()
  /// The reflectance of the ground.
  public var landCover: LandCover
  /// The atmosphere between sun, ground and satellite.
  public var atmosphere = Atmosphere()
  /// The satellite's camera.
  public var sensor: Sensor

  /// Creates a renderer with default parameters; the seed is used for land cover and sensor.
  public init(seed: UInt64 = 42) {
    landCover = LandCover(seed: seed)
    sensor = Sensor(seed: seed)
  }

  /// Renders four bands as a level 1 product; `Sensor.fill` where the field or a neighbor has no height.
  public func render(_ field: HeightField) -> RenderedImage {
    let reflectances = topOfAtmosphere(
      field, ground: landCover.reflectances(of: field), visibility: sun.visibility(over: field))
    let bands = SpectralBand.allCases.map { band in
      sensor.digitalNumbers(
        of: reflectances.map { $0[band.rawValue] }, width: field.width, band: band)
    }
    return RenderedImage(width: field.width, height: field.height, bands: bands)
  }

  /// Returns the reflectance at the satellite, `[row, column]`, not divided by the sine of the sun's elevation.
  ///
  /// The ground's reflectance and the visible fraction of the sun are `[row, column]`, too, and 0...1.
  public func topOfAtmosphere(
    _ field: HeightField, ground: [Spectrum], visibility: [Float]
  ) -> [Spectrum] {
    precondition(ground.count == field.heights.count && visibility.count == field.heights.count)
    let light = atmosphere.light(under: sun)
    let one = Spectrum(repeating: 1)
    var result: [Spectrum] = []
    result.reserveCapacity(ground.count)
    for row in 0..<field.height {
      for column in 0..<field.width {
        let index = row * field.width + column
        let gradient = field.gradient(column: column, row: row)
        let incidence = sun.incidence(on: gradient)
        let length = (1 + gradient.east * gradient.east + gradient.north * gradient.north)
          .squareRoot()
        let sky = 0.5 + 0.5 / length  // the fraction of the sky above the slope's horizon
        // With half of the air above, there is half of the path radiance and, to first order, half of the loss.
        let air = Atmosphere.share(above: field.heights[index])
        let direct = one - air * (one - light.direct)
        let upward = one - air * (one - light.upward)
        let sunlight: Spectrum = direct * (incidence * visibility[index])
        let skylight: Spectrum = light.diffuse * (air * sky)
        // Opposite slopes, assumed to be lit like level ground, illuminate the part of the sky that is hidden.
        let opposite: Spectrum = ground[index] * (direct * ((1 - sky) * sun.up))
        let reflected: Spectrum = ground[index] * (sunlight + skylight + opposite)
        result.append(light.path * air + upward * reflected)
      }
    }
    return result
  }
}

/// The digital numbers of four bands.
public struct RenderedImage: Hashable, Sendable {
  /// The number of columns.
  public let width: Int
  /// The number of rows.
  public let height: Int
  /// `[band, row, column]`, with bands in the order of `SpectralBand`.
  private let bands: [[UInt16]]

  init(width: Int, height: Int, bands: [[UInt16]]) {
    self.width = width
    self.height = height
    self.bands = bands
  }

  /// Returns one band, `[row, column]`.
  public subscript(band: SpectralBand) -> [UInt16] { bands[band.rawValue] }
}

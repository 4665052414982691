/// Draws the satellite image of a height field: land cover, sunlight, shadows, air and sensor.
///
/// A function of its values alone: the same ones give the same digital numbers, whatever machine or thread runs
/// it. Ground reflects alike in all directions (J. H. Lambert, Photometria, 1760).
public struct TerrainRenderer: Hashable, Sendable {
  public var sun = Sun()
  public var landCover: LandCover
  public var atmosphere = Atmosphere()
  public var sensor: Sensor

  public init(seed: UInt64 = 42) {
    landCover = LandCover(seed: seed)
    sensor = Sensor(seed: seed)
  }

  /// The four bands as a level 1 product has them; `Sensor.fill` where the field or a neighbour has no height.
  public func render(_ field: HeightField) -> RenderedImage {
    let reflectances = topOfAtmosphere(
      field, ground: landCover.reflectances(of: field), visibility: sun.visibility(over: field))
    let bands = SpectralBand.allCases.map { band in
      sensor.digitalNumbers(
        of: reflectances.map { $0[band.rawValue] }, width: field.width, band: band)
    }
    return RenderedImage(width: field.width, height: field.height, bands: bands)
  }

  /// The reflectance that a satellite sees, `[row, column]`, not divided by the sine of the sun's elevation.
  ///
  /// The ground's reflectance and the part of the sun that each pixel sees are `[row, column]` too, and 0...1.
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
        let sky = 0.5 + 0.5 / length  // the part of the sky over a slope's horizon
        // Above half of the air there is half of the veil, and half of the loss to first order.
        let air = Atmosphere.share(above: field.heights[index])
        let direct = one - air * (one - light.direct)
        let upward = one - air * (one - light.upward)
        let sunlight: Spectrum = direct * (incidence * visibility[index])
        let skylight: Spectrum = light.diffuse * (air * sky)
        // Opposite slopes, lit as level ground is, shine into what sees less of the sky.
        let neighbours: Spectrum = ground[index] * (direct * ((1 - sky) * sun.up))
        let reflected: Spectrum = ground[index] * (sunlight + skylight + neighbours)
        result.append(light.path * air + upward * reflected)
      }
    }
    return result
  }
}

/// Digital numbers of four bands.
public struct RenderedImage: Hashable, Sendable {
  public let width: Int
  public let height: Int
  /// `[band, row, column]`, bands in the order of `SpectralBand`.
  private let bands: [[UInt16]]

  init(width: Int, height: Int, bands: [[UInt16]]) {
    self.width = width
    self.height = height
    self.bands = bands
  }

  /// `[row, column]` of one band.
  public subscript(band: SpectralBand) -> [UInt16] { bands[band.rawValue] }
}

/// Synthetic land cover, determined by height, slope, aspect and wetness, with noise.
///
/// Covers mix within a pixel, as they do at 30 m. Reflectances are typical of the laboratory and field spectra in
/// R. F. Kokaly et al., "USGS Spectral Library Version 7", USGS Data Series 1035 (2017), doi:10.3133/ds1035.
public struct LandCover: Hashable, Sendable {
  /// The height above which level ground has no trees, in meters.
  public var treelineInMeters: Float = 1900
  /// The height above which level ground has snow, in meters.
  public var snowlineInMeters: Float = 2900
  /// The decrease of these heights on a north-facing slope of 45°, and the increase on a south-facing one, in meters.
  public var exposureInMeters: Float = 250
  /// The catchment in square meters whose river is 30 m wide; the width grows with its square root.
  public var riverCatchment: Float = 60e6
  /// The seed of the noise.
  public var seed: UInt64

  /// Creates land cover with default parameters.
  public init(seed: UInt64 = 42) { self.seed = seed }

  static let water: Spectrum = [0.045, 0.034, 0.018, 0.008]
  static let conifers: Spectrum = [0.020, 0.040, 0.028, 0.25]
  static let broadleaves: Spectrum = [0.022, 0.056, 0.032, 0.38]
  static let meadow: Spectrum = [0.036, 0.082, 0.052, 0.36]
  static let dryGrass: Spectrum = [0.066, 0.105, 0.125, 0.27]
  static let soil: Spectrum = [0.080, 0.115, 0.155, 0.22]
  static let rock: Spectrum = [0.115, 0.140, 0.160, 0.20]
  static let scree: Spectrum = [0.170, 0.200, 0.225, 0.26]
  static let snow: Spectrum = [0.86, 0.85, 0.83, 0.74]

  /// Returns the reflectance of the ground before illumination, `[row, column]`; NaN where there is no gradient.
  public func reflectances(of field: HeightField) -> [Spectrum] {
    let areas = Drainage(of: field).areas
    let water = WaterMask(of: field)
    var result: [Spectrum] = []
    result.reserveCapacity(field.heights.count)
    for row in 0..<field.height {
      for column in 0..<field.width {
        let index = row * field.width + column
        let gradient = field.gradient(column: column, row: row)
        guard !gradient.east.isNaN, !gradient.north.isNaN else {
          result.append(Spectrum(repeating: .nan))
          continue
        }
        let place = Place(
          east: Float(column) * field.gsdInMeters, south: Float(row) * field.gsdInMeters,
          height: field.heights[index], gradient: gradient, catchment: areas[index],
          isWater: water.isWater[index])
        result.append(reflectance(at: place, gsd: field.gsdInMeters))
      }
    }
    return result
  }

  /// The properties that determine the cover of a pixel; lengths in meters, the catchment in square meters.
  struct Place {
    var east: Float
    var south: Float
    var height: Float
    var gradient: (east: Float, north: Float)
    var catchment: Float
    var isWater: Bool
  }

  func reflectance(at place: Place, gsd: Float) -> Spectrum {
    if place.isWater {
      // Suspended sediment varies the reflectance of lakes over long distances.
      return Self.water * (1 + 0.25 * patches(0, place, meters: 5000, octaves: 4, gain: 0.6))
    }
    let site = Site(
      place,
      broad: patches(1, place, meters: 2500, octaves: 5, gain: 0.6),
      fine: patches(2, place, meters: 300, octaves: 4, gain: 0.7),
      stand: patches(3, place, meters: 900, octaves: 5, gain: 0.65), exposure: exposureInMeters)

    var ground = grassAndSoil(at: place, site)
    let (forest, wooded) = forest(at: place, site)
    ground = Self.mix(ground, forest, wooded)
    let (stone, bare) = stone(at: place, site)
    ground = Self.mix(ground, stone, bare)
    ground = Self.mix(ground, Self.snow, snow(at: site))
    ground = Self.mix(ground, Self.mix(Self.scree, Self.water, 0.7), river(at: place, gsd: gsd))

    let grain = PositionalNoise(seed: seed, stream: 110).normal(
      Int(place.east / gsd + 0.5), Int(place.south / gsd + 0.5))
    return ground * (1 + 0.04 * grain + 0.10 * site.fine)
  }

  /// Properties shared by several covers: steepness, temperature, and noise at three scales.
  private struct Site {
    let slope: Float
    /// How much the slope faces north, −1...1: north-facing slopes are colder and wetter, as north of the tropics.
    let poleward: Float
    let broad: Float
    let fine: Float
    let stand: Float
    /// The height of level ground with the same temperature, in meters.
    let climate: Float

    init(_ place: Place, broad: Float, fine: Float, stand: Float, exposure: Float) {
      let (gx, gy) = place.gradient
      slope = (gx * gx + gy * gy).squareRoot()
      poleward = -gy / (1 + slope * slope).squareRoot()
      (self.broad, self.fine, self.stand) = (broad, fine, stand)
      // At 45° `poleward` is 1/√2.
      climate =
        place.height + exposure * Float(2).squareRoot() * poleward + 220 * broad + 120 * fine
    }
  }

  private func patches(
    _ stream: UInt64, _ place: Place, meters: Float, octaves: Int, gain: Float
  ) -> Float {
    PositionalNoise(seed: seed, stream: 100 + stream).fractal(
      place.east / meters, place.south / meters, octaves: octaves, gain: gain)
  }

  /// Returns the spectrum of grass, fresh if wet and dry on sunny slopes, with patches of bare soil on gentle slopes.
  private func grassAndSoil(at place: Place, _ site: Site) -> Spectrum {
    let river = (place.catchment * 1e-6).squareRoot()
    let wet = Self.step(river / (0.2 + 2 * site.slope), 0.1, 2.5)
    let dry = Self.step(
      0.5 * site.stand - 1.2 * site.poleward - 0.6 * wet + 0.25 * site.broad, -0.35, 0.5)
    let field = Self.step(patches(4, place, meters: 650, octaves: 3, gain: 0.6), 0.1, 0.35)
    let bare = 0.75 * field * (1 - Self.step(site.slope, 0.04, 0.12)) * (1 - wet)
    return Self.mix(Self.mix(Self.meadow, Self.dryGrass, dry), Self.soil, bare)
  }

  /// Returns the spectrum and fraction of forest: broadleaves below, conifers above, up to the treeline, in stands that
  /// are rare on gentle slopes.
  private func forest(at place: Place, _ site: Site) -> (Spectrum, share: Float) {
    let stands = Self.step(
      site.stand + 0.7 * site.slope + 0.6 * site.poleward + 0.4 * site.fine, 0.08, 0.4)
    let growth =
      1 - Self.step(site.climate, treelineInMeters - 150, treelineInMeters + 120)
    let mixing = 400 * patches(5, place, meters: 1200, octaves: 4, gain: 0.6)
    let conifers = Self.step(
      site.climate + mixing, 0.45 * treelineInMeters, 0.75 * treelineInMeters)
    return (Self.mix(Self.broadleaves, Self.conifers, conifers), 0.95 * stands * growth)
  }

  /// Returns the spectrum and fraction of rock and scree, on steep or high ground.
  private func stone(at place: Place, _ site: Site) -> (Spectrum, share: Float) {
    let alpine = (place.height - treelineInMeters) / (2 * (snowlineInMeters - treelineInMeters))
    let bare = Self.step(
      site.slope + 0.25 * site.fine + 0.25 * site.stand + alpine, 0.75, 1.15)
    let loose = Self.step(0.5 * site.fine - site.stand, -0.1, 0.5)
    return (Self.mix(Self.rock, Self.scree, loose) * (1 + 0.2 * site.broad), bare)
  }

  /// Returns the fraction of snow, which does not stay on the steepest slopes.
  private func snow(at site: Site) -> Float {
    let lying = Self.step(site.climate, snowlineInMeters - 120, snowlineInMeters + 160)
    return lying * (1 - Self.step(site.slope + 0.2 * site.fine, 0.9, 1.3))
  }

  /// Returns the fraction of a river and its gravel, which grows with the catchment; small streams are hidden by trees.
  private func river(at place: Place, gsd: Float) -> Float {
    let width = min((place.catchment / riverCatchment).squareRoot() * 30 / gsd, 1)
    return max(width - 0.25, 0) / 0.75
  }

  /// Returns 0 below `low`, 1 above `high`, and a smooth transition between.
  private static func step(_ value: Float, _ low: Float, _ high: Float) -> Float {
    let t = min(max((value - low) / (high - low), 0), 1)
    return t * t * (3 - 2 * t)
  }

  private static func mix(_ a: Spectrum, _ b: Spectrum, _ share: Float) -> Spectrum {
    a + (b - a) * share
  }
}

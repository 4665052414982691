/// What grows and lies on the land, decided by height, slope, exposure and wetness, and broken up by noise.
///
/// Covers mix within a pixel, as they do at 30 m. Reflectances are typical of the laboratory and field spectra in
/// R. F. Kokaly et al., "USGS Spectral Library Version 7", USGS Data Series 1035 (2017), doi:10.3133/ds1035.
public struct LandCover: Hashable, Sendable {
  /// Above it no trees stand on level ground, metres.
  public var treelineInMeters: Float = 1900
  /// Above it snow stays on level ground, metres.
  public var snowlineInMeters: Float = 2900
  /// By how many metres these lines fall on a slope of 45° that faces north, and rise on one that faces south.
  public var exposureInMeters: Float = 250
  /// The catchment, in square metres, whose river is 30 m wide; width grows with the root.
  public var riverCatchment: Float = 60e6
  public var seed: UInt64

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

  /// `[row, column]`: the reflectance of the ground, not yet lit; NaN where there is no gradient.
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

  /// What decides on the cover of a pixel; lengths in metres, the catchment in square metres.
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
      // Suspended sediment clouds lakes in broad sweeps.
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

  /// What several covers ask of a pixel: its steepness, its cold, and noises of three sizes.
  private struct Site {
    let slope: Float
    /// The rise toward the south, −1...1: slopes that look to the north are cold and wet, as north of the tropics.
    let poleward: Float
    let broad: Float
    let fine: Float
    let stand: Float
    /// The height of level ground that is as cold, metres.
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

  /// Grass, fresh in the wet and dry on sunny slopes; on gentle ground, patches of bare soil.
  private func grassAndSoil(at place: Place, _ site: Site) -> Spectrum {
    let river = (place.catchment * 1e-6).squareRoot()
    let wet = Self.step(river / (0.2 + 2 * site.slope), 0.1, 2.5)
    let dry = Self.step(
      0.5 * site.stand - 1.2 * site.poleward - 0.6 * wet + 0.25 * site.broad, -0.35, 0.5)
    let field = Self.step(patches(4, place, meters: 650, octaves: 3, gain: 0.6), 0.1, 0.35)
    let bare = 0.75 * field * (1 - Self.step(site.slope, 0.04, 0.12)) * (1 - wet)
    return Self.mix(Self.mix(Self.meadow, Self.dryGrass, dry), Self.soil, bare)
  }

  /// Broadleaves below and conifers above, in stands up to the treeline, few on gentle ground; and their share.
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

  /// Rock and scree, where it is steep or high; and their share.
  private func stone(at place: Place, _ site: Site) -> (Spectrum, share: Float) {
    let alpine = (place.height - treelineInMeters) / (2 * (snowlineInMeters - treelineInMeters))
    let bare = Self.step(
      site.slope + 0.25 * site.fine + 0.25 * site.stand + alpine, 0.75, 1.15)
    let loose = Self.step(0.5 * site.fine - site.stand, -0.1, 0.5)
    return (Self.mix(Self.rock, Self.scree, loose) * (1 + 0.2 * site.broad), bare)
  }

  /// The share of snow, which does not hold on the steepest slopes.
  private func snow(at site: Site) -> Float {
    let lying = Self.step(site.climate, snowlineInMeters - 120, snowlineInMeters + 160)
    return lying * (1 - Self.step(site.slope + 0.2 * site.fine, 0.9, 1.3))
  }

  /// The share of a river and its gravel, which widen with the root of the catchment; brooks hide under trees.
  private func river(at place: Place, gsd: Float) -> Float {
    let width = min((place.catchment / riverCatchment).squareRoot() * 30 / gsd, 1)
    return max(width - 0.25, 0) / 0.75
  }

  /// 0 below `low`, 1 above `high`, smooth between.
  private static func step(_ value: Float, _ low: Float, _ high: Float) -> Float {
    let t = min(max((value - low) / (high - low), 0), 1)
    return t * t * (3 - 2 * t)
  }

  private static func mix(_ a: Spectrum, _ b: Spectrum, _ share: Float) -> Spectrum {
    a + (b - a) * share
  }
}

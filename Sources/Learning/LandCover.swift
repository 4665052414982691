/// What grows and lies on the land, decided by height, slope, exposure and wetness, and broken up by noise.
///
/// Covers mix within a pixel, as they do at 30 m. Reflectances are typical of the laboratory and field spectra in
/// R. F. Kokaly et al., "USGS Spectral Library Version 7", USGS Data Series 1035 (2017), doi:10.3133/ds1035.
public struct LandCover: Hashable, Sendable {
  /// Above it no trees stand on level ground, metres.
  public var treelineInMeters: Float = 1900
  /// Above it snow stays on level ground, metres.
  public var snowlineInMeters: Float = 2900
  /// By how many metres these lines fall on a slope of 45° that faces the pole; they rise as much on its opposite.
  public var exposureInMeters: Float = 250
  /// Square metres of catchment through the root of which a river becomes as wide as a pixel of 30 m.
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
    func patches(_ stream: UInt64, meters: Float, octaves: Int, gain: Float = 0.6) -> Float {
      PositionalNoise(seed: seed, stream: 100 + stream).fractal(
        place.east / meters, place.south / meters, octaves: octaves, gain: gain)
    }
    if place.isWater {
      // Suspended sediment clouds lakes in broad sweeps.
      return Self.water * (1 + 0.25 * patches(0, meters: 5000, octaves: 4))
    }
    let (gx, gy) = place.gradient
    let slope = (gx * gx + gy * gy).squareRoot()
    // The rise toward the south is the slope's turn to the pole: cold, wet, with snow and trees further down.
    let poleward = -gy / (1 + slope * slope).squareRoot()
    let broad = patches(1, meters: 2500, octaves: 5)
    let fine = patches(2, meters: 300, octaves: 4, gain: 0.7)
    let climate = place.height + exposureInMeters * 1.4 * poleward + 220 * broad + 120 * fine
    let isolated = patches(3, meters: 900, octaves: 5, gain: 0.65)

    // Grass: fresh in the wet and at middling heights, dry on sunny slopes.
    let wet = Self.step((place.catchment * 1e-6).squareRoot() / (0.2 + 2 * slope), 0.1, 2.5)
    let dryness = Self.step(0.5 * isolated - 1.2 * poleward - 0.6 * wet + 0.25 * broad, -0.35, 0.5)
    var ground = Self.mix(Self.meadow, Self.dryGrass, dryness)

    // Soil lies bare in patches on gentle low ground.
    let tilled =
      Self.step(patches(4, meters: 650, octaves: 3), 0.1, 0.35) * (1 - Self.step(slope, 0.04, 0.12))
    ground = Self.mix(ground, Self.soil, 0.75 * tilled * (1 - wet))

    // Forest: broadleaves below, conifers above, up to the treeline, with clearings; few on flat, tilled land.
    let stands = Self.step(isolated + 0.7 * slope + 0.6 * poleward + 0.4 * fine, 0.08, 0.4)
    let belowTreeline = 1 - Self.step(climate, treelineInMeters - 150, treelineInMeters + 120)
    let height = Self.step(
      climate + 400 * patches(5, meters: 1200, octaves: 4), 0.45 * treelineInMeters,
      0.75 * treelineInMeters)
    ground = Self.mix(
      ground, Self.mix(Self.broadleaves, Self.conifers, height), 0.95 * stands * belowTreeline)

    // Rock where it is steep or high, scree at its foot.
    let bare = Self.step(
      slope + 0.25 * fine + 0.25 * isolated
        + (place.height - treelineInMeters) / (2 * (snowlineInMeters - treelineInMeters)), 0.75,
      1.15)
    let stone = Self.mix(Self.rock, Self.scree, Self.step(0.5 * fine - isolated, -0.1, 0.5))
    ground = Self.mix(ground, stone * (1 + 0.2 * broad), bare)

    // Snow does not hold on the steepest slopes.
    let lying = Self.step(climate, snowlineInMeters - 120, snowlineInMeters + 160)
    let holding = 1 - Self.step(slope + 0.2 * fine, 0.9, 1.3)
    ground = Self.mix(ground, Self.snow, lying * holding)

    // Rivers: a narrow ribbon of water between banks of gravel, its share of the pixel by the catchment's root.
    let river = min((place.catchment / riverCatchment).squareRoot() * 30 / gsd, 1)
    if river > 0.25 {
      let share = (river - 0.25) / 0.75
      ground = Self.mix(ground, Self.mix(Self.scree, Self.water, 0.7), share)
    }
    let texture = PositionalNoise(seed: seed, stream: 110).normal(
      Int(place.east / gsd + 0.5), Int(place.south / gsd + 0.5))
    return ground * (1 + 0.06 * texture + 0.10 * fine)
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

import Rendering
import Tensors

/// The climate of a place, which determines the treeline and the snowline.
enum Climate: String, CaseIterable, Sendable {
  /// Trees in the valleys, snow on the summits.
  case alpine
  /// Trees nearly everywhere, snow in some winters.
  case temperate
  /// Hardly any trees, bare ground of many colors.
  case arid
  /// Trees up to the summits, haze.
  case humid
}

/// The appearance of a terrain at one moment, drawn anew for each image, so that brightness alone never predicts
/// height.
///
/// Shading, drainage and the order of land covers still do.
struct Scenery: Sendable {
  var renderer: TerrainRenderer
  var ground: GroundAppearance
  var clouds: Clouds?

  init(of terrain: Terrain, _ generator: inout SplitMix64) {
    let climate =
      generator.chance(0.75)
      ? terrain.climate
      : Climate.allCases[Int(generator.next() % UInt64(Climate.allCases.count))]
    renderer = TerrainRenderer(seed: generator.next())
    renderer.sun = Self.sun(isSouthern: terrain.isSouthern, climate, &generator)
    renderer.atmosphere.haze = Double(
      generator.drawLogarithm(climate == .humid ? 0.1...0.8 : 0.04...0.6))
    renderer.sensor.blur = generator.draw(0.02...0.14)
    renderer.sensor.darkNoise *= generator.drawLogarithm(0.5...4)
    renderer.landCover.exposureInMeters = generator.draw(100...400)
    renderer.landCover.riverCatchment = generator.drawLogarithm(20e6...300e6)
    ground = GroundAppearance(climate, seed: generator.next(), &generator)
    let (treeline, snowline) = Self.lines(in: climate, over: terrain.heights, &generator)
    renderer.landCover.treelineInMeters = treeline
    renderer.landCover.snowlineInMeters = snowline
    clouds = generator.chance(0.3) ? Clouds(seed: generator.next(), &generator) : nil
  }

  /// Draws the sun's position: satellites pass in the morning, so the sun is in the east to south, or, south of the
  /// tropics, in the east to north.
  private static func sun(
    isSouthern: Bool, _ climate: Climate, _ generator: inout SplitMix64
  ) -> Sun {
    let azimuth =
      isSouthern
      ? generator.draw(30...90)
      : climate == .humid ? generator.draw(50...140) : generator.draw(95...175)
    // The higher of two draws, because most scenes in use are from summers.
    let elevation = max(generator.draw(25...67), generator.draw(25...67))
    return Sun(azimuthInDegrees: Double(azimuth), elevationInDegrees: Double(elevation))
  }

  /// Draws the treeline and the snowline in meters.
  ///
  /// Snow mostly covers little: where it covers much, the stretch leaves the rest of the terrain black.
  private static func lines(
    in climate: Climate, over heights: [Float], _ generator: inout SplitMix64
  ) -> (trees: Float, snow: Float) {
    let known = heights.filter { !$0.isNaN }.sorted()
    guard let lowest = known.first, let highest = known.last else { return (1900, 2900) }
    /// Returns the height below which a share of the terrain lies.
    func height(of share: Float) -> Float { known[Int(share * Float(known.count - 1))] }
    let relief = max(height(of: 0.98) - height(of: 0.05), 1)
    let none = highest + relief + 1000
    let snow: Float =
      switch climate {
      case .alpine:
        generator.chance(0.5)
          ? none
          : height(
            of: generator.chance(0.8) ? generator.draw(0.93...1) : generator.draw(0.6...0.93))
      case .temperate: generator.chance(0.9) ? none : height(of: generator.draw(0.8...1))
      case .arid, .humid: none
      }
    // At least above the lowest terrain, and below the snow.
    func trees(_ share: Float) -> Float {
      min(max(height(of: 0.05) + relief * share, lowest + 1), snow - 0.1 * relief)
    }
    return switch climate {
    case .alpine: (trees(generator.draw(0.2...0.7)), snow)
    case .temperate: (trees(generator.draw(0.8...1.8)), snow)
    case .arid: (trees(generator.draw(-0.3...0.5)), snow)
    case .humid: (trees(2.5), snow)
    }
  }
}

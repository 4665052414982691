import Rendering
import Tensors

/// The surface appearance that `LandCover` lacks: drought, rock and soil of many colors, fields and villages.
///
/// It is applied to reflectances before illumination. Water and snow are unchanged. On real scenes of mountains at 30 m
/// the correlation of brightness and shading is 0.1 to 0.5, so variation of the cover must mask much of the shading.
struct GroundAppearance: Sendable {
  var seed: UInt64
  /// The share of bare ground that shows through vegetation.
  var dryness: Float
  /// The relative reduction of dryness from the lowest to the highest ground, as where mountains get more rain.
  var greening: Float
  /// The reflectance of bare ground.
  var bare: Spectrum
  /// The relative variation of brightness by rock and soil, and its length in meters.
  var geology: Float
  var geologyInMeters: Float
  /// The direction of the layers' strike, a unit vector.
  var strike: (east: Float, south: Float)
  /// The relative variation by horizontal strata where the ground is bare, and their thickness in meters.
  var strata: Float
  var strataInMeters: Float
  /// The relative variation by thickets, clearings and stones, and its length in meters.
  var mottle: Float
  var mottleInMeters: Float
  /// The contrast between covers: below 1 they look more alike than they are.
  var contrast: Float
  /// The gain of each band.
  var tint: Spectrum
  var farmland: Farmland?

  init(_ climate: Climate, seed: UInt64, _ generator: inout SplitMix64) {
    self.seed = seed
    dryness =
      switch climate {
      case .arid: generator.draw(0.5...1)
      case .humid: generator.draw(0...0.15)
      case .alpine, .temperate: generator.chance(0.3) ? generator.draw(0.2...0.6) : 0.05
      }
    greening = generator.chance(climate == .arid ? 0.6 : 0.2) ? generator.draw(0.3...1) : 0
    let red = generator.draw(0...1)
    bare =
      Spectrum(0.10, 0.14, 0.17, 0.24) * generator.draw(0.7...1.5)
      + Spectrum(-0.02, 0, 0.05, 0.05) * red
    geology = generator.drawLogarithm(0.2...1)
    geologyInMeters = generator.drawLogarithm(1200...9000)
    // A point of the circle from a point of the line, without sines (stereographic projection).
    let t = generator.draw(-1...1)
    strike = ((1 - t * t) / (1 + t * t), 2 * t / (1 + t * t))
    strata = generator.chance(climate == .arid ? 0.6 : 0.15) ? generator.draw(0.4...1.6) : 0
    strataInMeters = generator.drawLogarithm(60...500)
    mottle = generator.drawLogarithm(0.1...0.9)
    mottleInMeters = generator.drawLogarithm(100...500)
    contrast = generator.draw(0.6...1.7)
    tint =
      1
      + Spectrum(
        generator.draw(-0.1...0.1), generator.draw(-0.06...0.06), generator.draw(-0.1...0.1),
        generator.draw(-0.1...0.1))
    let share = climate == .arid ? 0.35 : 0.75
    farmland = generator.chance(share) ? Farmland(seed: generator.next(), &generator) : nil
  }

  /// Modifies the reflectances that `LandCover` produced.
  ///
  /// - Parameters:
  ///   - ground: `[row, column]`, NaN in voids.
  ///   - field: The heights of the same pixels.
  func apply(to ground: inout [Spectrum], of field: HeightField) {
    let mean = landMean(of: ground)
    let brightness = PositionalNoise(seed: seed, stream: 300)
    let hue = PositionalNoise(seed: seed, stream: 301)
    let thickets = PositionalNoise(seed: seed, stream: 302)
    let beds = PositionalNoise(seed: seed, stream: 303)
    let range = Self.range(of: field.heights)
    for index in ground.indices where !ground[index].x.isNaN {
      let land = Self.landShare(of: ground[index])
      guard land > 0 else { continue }
      let (row, column) = index.quotientAndRemainder(dividingBy: field.width)
      let east = Float(column) * field.gsdInMeters
      let south = Float(row) * field.gsdInMeters
      // Layers are twice as long as wide.
      let x = (strike.east * east + strike.south * south) / (2 * geologyInMeters)
      let y = (strike.east * south - strike.south * east) / geologyInMeters
      let height = field.heights[index]
      let share = (height - range.lowest) / range.relief
      let dryness = dryness * (1 - greening * min(max(share, 0), 1))
      // Strata undulate by a third of their thickness.
      let level = height / strataInMeters + 0.3 * hue.fractal(x / 3, y / 3, octaves: 2)
      let bed = strata * dryness * beds.fractal(level, 0.37, octaves: 3, gain: 0.7)
      let rock = max(
        1 + bed + geology * brightness.fractal(x, y, octaves: 7, gain: 0.7), 0.2)
      let small = thickets.fractal(
        east / mottleInMeters, south / mottleInMeters, octaves: 3, gain: 0.7)
      let red =
        0.5 * geology * hue.fractal(x, y, octaves: 4)
        + 0.5 * strata * dryness * beds.fractal(level, 7.71, octaves: 2)
      var cover = mean + contrast * (ground[index] - mean)
      // Full dryness leaves a quarter of the difference between covers.
      cover += dryness * (bare * Spectrum(1 - red, 1, 1 + red, 1) - 0.75 * cover - 0.25 * mean)
      cover *= rock * max(1 + mottle * small, 0.3)
      if let farmland {
        let gradient = field.gradient(column: column, row: row)
        let slope = (gradient.east * gradient.east + gradient.north * gradient.north).squareRoot()
        if let plot = farmland.plot(
          column: column, row: row, gsd: field.gsdInMeters, slope: slope)
        {
          cover += plot.share * (plot.cover - cover)
        }
      }
      cover = (cover * tint).clamped(lowerBound: .init(repeating: 0.008), upperBound: .one)
      ground[index] += land * (cover - ground[index])
    }
  }

  /// Returns 1 for land, and 0 for water, dark in the near infrared, and snow, bright in the blue band.
  private static func landShare(of ground: Spectrum) -> Float {
    let dry = min(max((ground.w - 0.03) / 0.1, 0), 1)
    let bare = min(max((0.5 - ground.x) / 0.25, 0), 1)
    return dry * bare
  }

  /// Returns the 5th percentile of the heights, and the difference to the 95th in meters.
  private static func range(of heights: [Float]) -> (lowest: Float, relief: Float) {
    let sorted = stride(from: 0, to: heights.count, by: 97).map { heights[$0] }
      .filter { !$0.isNaN }.sorted()
    guard !sorted.isEmpty else { return (0, 1) }
    let (lowest, highest) = (sorted[sorted.count / 20], sorted[sorted.count * 19 / 20])
    return (lowest, max(highest - lowest, 1))
  }

  private func landMean(of ground: [Spectrum]) -> Spectrum {
    var sum = Spectrum.zero
    var weight: Float = 0
    // Every 97th pixel is enough, and keeps the sum in single precision accurate.
    for index in stride(from: 0, to: ground.count, by: 97) where !ground[index].x.isNaN {
      let share = Self.landShare(of: ground[index])
      sum += share * ground[index]
      weight += share
    }
    return weight > 0 ? sum / weight : bare
  }
}

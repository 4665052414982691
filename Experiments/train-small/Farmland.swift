import Rendering
import Tensors

/// Fields of crops, meadows and plowed soil on gentle slopes, and the villages between them.
struct Farmland: Sendable {
  /// The width of rows of fields, and the length of fields, in meters.
  private let width: Float
  private let length: Float
  /// The direction of the rows, a unit vector.
  private let run: (east: Float, south: Float)
  /// The slope, in rise per meter, above which there are no fields.
  private let steepest: Float
  /// The noise above which land is farmed: −0.4 farms all of it, 0.3 little.
  private let rarity: Float
  /// The noise above which there is a village.
  private let wilderness: Float
  private let ripeness: Float
  private let regions: PositionalNoise
  private let plots: PositionalNoise
  private let houses: PositionalNoise

  private static let crop = Spectrum(0.032, 0.075, 0.045, 0.40)
  private static let ripe = Spectrum(0.070, 0.115, 0.150, 0.30)
  private static let soil = Spectrum(0.085, 0.120, 0.160, 0.22)
  private static let village = Spectrum(0.130, 0.140, 0.150, 0.21)

  init(seed: UInt64, _ generator: inout SplitMix64) {
    width = generator.drawLogarithm(50...350)
    length = width * generator.draw(1...3.5)
    let t = generator.draw(-1...1)
    run = ((1 - t * t) / (1 + t * t), 2 * t / (1 + t * t))
    steepest = generator.drawLogarithm(0.05...0.22)
    rarity = generator.draw(-0.4...0.2)
    wilderness = generator.draw(0.1...0.5)
    ripeness = generator.draw(0...1)
    regions = PositionalNoise(seed: seed, stream: 310)
    plots = PositionalNoise(seed: seed, stream: 311)
    houses = PositionalNoise(seed: seed, stream: 312)
  }

  /// Returns the cover of a field or village at a pixel and its share; nil if there is neither.
  func plot(
    column: Int, row: Int, gsd: Float, slope: Float
  ) -> (cover: Spectrum, share: Float)? {
    guard slope < steepest else { return nil }
    let (east, south) = (Float(column) * gsd, Float(row) * gsd)
    let tilled = regions.fractal(east / 4000, south / 4000, octaves: 4, gain: 0.6) - rarity
    guard tilled > 0 else { return nil }
    let share = min(tilled / 0.08, 1) * min(2 * (1 - slope / steepest), 1)
    let town = houses.fractal(east / 2500, south / 2500, octaves: 5, gain: 0.7) - wilderness
    let built = min(max(town / 0.12, 0), 1)
    // Roofs, streets and gardens vary from pixel to pixel.
    let roofs = Self.village * (1 + 0.22 * houses.normal(column, row))
    let grown = crop(east: east, south: south)
    return (grown + built * (roofs - grown), 0.95 * share)
  }

  private func crop(east: Float, south: Float) -> Spectrum {
    let across = (run.east * south - run.south * east) / width
    let line = Int(across.rounded(.down))
    // Each row of fields has its own offset.
    let along =
      (run.east * east + run.south * south) / length + 7 * plots.uniform(line, -1)
    let plot = Int(along.rounded(.down))
    let kind = plots.uniform(line, plot)
    let stage = plots.uniform(line, plot + 100_000)
    let bright = 0.8 + 0.4 * plots.uniform(line, plot + 200_000)
    let grown = Self.crop + (Self.ripe - Self.crop) * min(stage * (0.4 + ripeness), 1)
    return (kind < 0.3 + 0.3 * ripeness ? Self.soil : grown) * bright
  }
}

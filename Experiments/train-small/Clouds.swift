import Rendering
import Tensors

/// Fair-weather clouds and their shadows.
///
/// A few clouds take up most of the scene's stretch and leave the terrain dark.
struct Clouds: Sendable {
  private let noise: PositionalNoise
  private let sizeInMeters: Float
  /// The noise above which there is a cloud: 0.3 covers a tenth of the terrain, 0.6 a hundredth.
  private let rarity: Float
  /// The height of the clouds above the foot of the terrain.
  private let heightInMeters: Float
  private let reflectance: Spectrum

  init(seed: UInt64, _ generator: inout SplitMix64) {
    noise = PositionalNoise(seed: seed, stream: 320)
    sizeInMeters = generator.drawLogarithm(800...5000)
    rarity = generator.draw(0.3...0.6)
    heightInMeters = generator.draw(1200...4000)
    reflectance = Spectrum(0.62, 0.60, 0.60, 0.64) * generator.draw(0.5...1.2)
  }

  /// Returns the opacity at a position: 0 for clear sky, 1 for an opaque cloud.
  private func opacity(east: Float, south: Float) -> Float {
    let density = noise.fractal(
      east / sizeInMeters, south / sizeInMeters, octaves: 6, gain: 0.55)
    return min(max((density - rarity) / 0.12, 0), 1)
  }

  /// Blocks the sun for pixels in the shadow of a cloud, along the direction to the sun.
  ///
  /// - Parameters:
  ///   - visibility: `[row, column]`, the visible share of the sun for each pixel.
  ///   - field: The terrain.
  ///   - sun: The sun's position.
  func shade(_ visibility: inout [Float], over field: HeightField, under sun: Sun) {
    guard let foot = field.range?.lowerBound else { return }
    for index in visibility.indices where !field.heights[index].isNaN {
      let (row, column) = index.quotientAndRemainder(dividingBy: field.width)
      let way = max(heightInMeters - (field.heights[index] - foot), 0) / sun.up
      let shadow = opacity(
        east: Float(column) * field.gsdInMeters + way * sun.east,
        south: Float(row) * field.gsdInMeters - way * sun.north)
      visibility[index] *= 1 - 0.9 * shadow
    }
  }

  /// Covers the pixels under clouds, as seen from above.
  ///
  /// - Parameters:
  ///   - light: `[row, column]`, the light that the satellite receives.
  ///   - field: The terrain.
  func hide(_ light: inout [Spectrum], over field: HeightField) {
    for index in light.indices {
      let (row, column) = index.quotientAndRemainder(dividingBy: field.width)
      let share = opacity(
        east: Float(column) * field.gsdInMeters, south: Float(row) * field.gsdInMeters)
      // Thick centers are brighter than edges.
      light[index] += share * (reflectance * (0.7 + 0.3 * share) - light[index])
    }
  }
}

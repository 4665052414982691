import Pairs
import Rendering
import Tensors

/// A synthetic terrain with other noise, rock and relief than the sample, which is held out from training.
struct SyntheticTerrain: Sendable {
  let number: Int

  private static let pixels = 700 * 700
  private static let times = 2
  /// Every fourth terrain is a dry one with plateaus and canyons.
  private var isTableland: Bool { number % 4 == 0 }

  func terrain() -> Terrain {
    let name = "made_\(number)"
    var generator = SplitMix64(seed: 42, name: name)
    let seed = generator.next()
    precondition(seed != 42, "the sample's terrain has this seed")
    // On a wide terrain the basin with its lake is in another place than on a high one, and some terrains do not
    // contain it.
    let width = Int(generator.drawLogarithm(560...880))
    var land = FractalTerrain(
      width: width, height: Self.pixels / width, gsdInMeters: generator.draw(22...38), seed: seed)
    land.reliefInMeters = generator.drawLogarithm(350...2800)
    land.baseHeightInMeters = generator.draw(20...1500)
    land.erosion.erodibility = generator.drawLogarithm(2.5e-6...9e-6)
    land.erosion.diffusivity = generator.drawLogarithm(0.01...0.12)
    land.erosion.criticalSlope = generator.draw(0.45...1)
    land.erosion.sedimentSlope = generator.drawLogarithm(5e-4...4e-3)
    let drawn = Climate.allCases[Int(generator.next() % UInt64(Climate.allCases.count))]
    let climate = isTableland ? .arid : drawn
    let isSouthern = generator.chance(0.25)
    let isTransposed = generator.chance(0.5)
    var field = isTransposed ? land.heightField().transposed : land.heightField()
    if isTableland {
      let table = Tableland(over: field.heights, &generator)
      for index in field.heights.indices {
        field.heights[index] = table.height(from: field.heights[index])
      }
    }
    return Terrain(
      name: name, site: name, split: .train, times: Self.times, climate: climate,
      isSouthern: isSouthern, field: field, heights: field.heights)
  }
}

extension HeightField {
  /// The field with rows and columns swapped.
  fileprivate var transposed: HeightField {
    HeightField(
      width: height, height: width, gsdInMeters: gsdInMeters,
      heights: heights.indices.map { heights[$0 % height * width + $0 / height] })
  }
}

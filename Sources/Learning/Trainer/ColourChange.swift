import Foundation
import Tensors

/// How a sample's colours are changed at random: other seasons, soils and air than the few that pairs show.
///
/// Each band is raised to a power of its own, and takes a share of another. Black stays black, white stays white, and what is
/// brighter in all bands stays brighter, so that shading remains.
struct ColourChange: Hashable, Sendable {
  /// Of each band.
  let exponents: [Float]
  /// The band that each takes a share of, and the share.
  let partners: [Int]
  let shares: [Float]

  /// As a training asks for; nil where colours stay as they are.
  init?(_ data: TrainingData, _ generator: inout SplitMix64) {
    guard let strength = data.colours, strength > 0 else { return nil }
    self.init(strength, bands: 3, &generator)
  }

  /// Drawn for a sample.
  ///
  /// - Parameters:
  ///   - strength: 0 leaves all as it is; with 1 exponents are 1/2 to 2, and shares up to a half.
  ///   - bands: How many.
  ///   - generator: Of the draws.
  init(_ strength: Double, bands: Int, _ generator: inout SplitMix64) {
    exponents = (0..<bands).map { _ in Float(exp2(strength * (2 * generator.unit() - 1))) }
    partners = (0..<bands).map { _ in generator.below(bands) }
    shares = (0..<bands).map { _ in Float(strength * generator.unit() / 2) }
  }

  /// Of an image of 0…255, `[1, row, column, band]`.
  func applied(to image: Tensor) -> Tensor {
    let bands = exponents.count
    var powers = image.scalars
    for index in powers.indices {
      powers[index] = 255 * pow(powers[index] / 255, exponents[index % bands])
    }
    var result = powers
    for index in result.indices {
      let band = index % bands
      result[index] += shares[band] * (powers[index - band + partners[band]] - powers[index])
    }
    return Tensor(image.shape, result)
  }
}

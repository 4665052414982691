import Foundation
package import Tensors

/// A random color augmentation, which imitates seasons, soils and atmospheres that the few training pairs do not show.
///
/// Each band is raised to its own power and blended with another band. Black stays black, white stays white, and a
/// pixel that is brighter in all bands stays brighter, so that shading is preserved.
package struct ColorAugmentation: Hashable, Sendable {
  /// The exponent of each band.
  let exponents: [Float]
  /// The partner band of each band, and the share of the partner that is blended in.
  let partners: [Int]
  let shares: [Float]

  /// Draws the augmentation that a training asks for; nil if colors are not changed.
  init?(_ data: TrainingData, _ generator: inout SplitMix64) {
    guard let strength = data.colors, strength > 0 else { return nil }
    self.init(strength, bands: 3, &generator)
  }

  /// Draws the augmentation for a sample.
  ///
  /// - Parameters:
  ///   - strength: 0 changes nothing; 1 gives exponents from 1/2 to 2 and shares of up to 1/2.
  ///   - bands: The number of bands.
  ///   - generator: The random number generator.
  package init(_ strength: Double, bands: Int, _ generator: inout SplitMix64) {
    exponents = (0..<bands).map { _ in Float(exp2(strength * (2 * generator.unit() - 1))) }
    partners = (0..<bands).map { _ in generator.below(bands) }
    shares = (0..<bands).map { _ in Float(strength * generator.unit() / 2) }
  }

  /// Applies the augmentation to an image in 0…255, `[1, row, column, band]`.
  package func applied(to image: Tensor) -> Tensor {
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

package import DepthModels
import Grids
import Scenes
import Surfaces
package import Tensors

/// A training tile of the refiner: image, coarse map and truth, scaled to about −1…1 by the bundle's conventions.
package struct RefinerTile {
  package let image: Tensor
  /// `[1, row, column, 1]`.
  package let coarse: Tensor
  /// `[1, row, column, 1]`, NaN where void.
  package let truth: Tensor

  /// Scales a sample and its coarse map.
  ///
  /// With a shared range, the truth is calibrated to the coarse map by a robust scale and offset, as tiles are
  /// calibrated to the overview. Refined heights then have the coarse map's range, and may leave −1…1. Returns nil if
  /// the calibration fails because either map is flat.
  ///
  /// - Parameters:
  ///   - sample: Heights in 0…1.
  ///   - coarse: The coarse map in 0…1.
  ///   - imageRange: The range convention of the image.
  ///   - heightRange: The range convention of the two maps.
  package init?(
    _ sample: TrainingSample, coarse: Tensor, imageRange: RefinerArchitecture.ImageRange,
    heightRange: HeightRange
  ) {
    image = imageRange.applied(to: sample.image)
    self.coarse = coarse.signed
    switch heightRange {
    case .own: truth = sample.heights.signed
    case .shared:
      let (low, high) = coarse.range
      guard low < high,
        let fit = AffineFit(of: sample.heights.scalars, to: coarse.scalars), fit.scale > 0,
        fit.scale.isFinite
      else { return nil }
      truth = sample.heights.mapped { Float(fit.scale * Double($0) + fit.shift) }.signed
    }
  }

  /// The truth, with voids filled from the coarse map.
  package var filledTruth: Tensor {
    Tensor(truth.shape, zip(truth.scalars, coarse.scalars).map { $0.isFinite ? $0 : $1 })
  }

  /// Sets the latent of `filledTruth` to NaN in cells that cover a void.
  package func masked(_ latent: Tensor, reduction: Int) -> Tensor {
    let (_, rows, columns, channels) = latent.shape.image
    let width = truth.shape[2]
    guard truth.scalars.contains(where: { !$0.isFinite }) else { return latent }
    var result = latent.scalars
    for row in 0..<rows {
      for column in 0..<columns {
        let hasVoid = (0..<reduction * reduction).contains { place in
          let (r, c) = place.quotientAndRemainder(dividingBy: reduction)
          return !truth.scalars[(row * reduction + r) * width + column * reduction + c].isFinite
        }
        guard hasVoid else { continue }
        let first = (row * columns + column) * channels
        for channel in 0..<channels { result[first + channel] = .nan }
      }
    }
    return Tensor(latent.shape, result)
  }
}

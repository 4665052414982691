import Reports
import DepthModels
import Foundation
import Grids
import Rasters
import Surfaces
import Tensors

extension Tensor {
  /// Maps 0…1 to −1…1.
  var signed: Tensor { mapped { $0 * 2 - 1 } }
  /// Maps −1…1 to 0…1.
  var unsigned: Tensor { mapped { ($0 + 1) / 2 } }

  /// A one-channel map repeated in three channels.
  var asThreeChannels: Tensor {
    let (batch, rows, columns, _) = shape.image
    return Tensor([batch, rows, columns, 3], scalars.flatMap { [$0, $0, $0] })
  }

  /// The map with its voids (NaN) filled from their surroundings.
  var filled: Tensor {
    guard scalars.contains(where: \.isNaN) else { return self }
    let (_, rows, columns, _) = shape.image
    return Tensor(
      shape, Resampling.filled(scalars, on: Grid(width: columns, height: rows)))
  }

  /// A picture of an image in 0…1, or in 0…255 if its maximum is above 2.
  var picture: Picture {
    let (_, rows, columns, channels) = shape.image
    let scale: Float = range.maximum > 2 ? 1 / 255 : 1
    var picture = Picture(width: columns, height: rows)
    for pixel in 0..<rows * columns {
      let levels = (0..<3).map { Picture.level(scalars[pixel * channels + $0] * scale) }
      picture.set(pixel, levels[0], levels[1], levels[2])
    }
    return picture
  }

  /// A hillshade of the first channel.
  var hillshade: Picture {
    let (_, _, columns, channels) = shape.image
    let heights = Swift.stride(from: 0, to: shape.count, by: channels).map { scalars[$0] }
    return Picture(
      gray: ReliefShading(of: heights, width: columns, pixel: nil).shade(heights, width: columns),
      width: columns)
  }
}

extension Array {
  /// Returns `count` evenly spaced elements, or all elements if there are no more than that.
  func evenlySpaced(_ count: Int) -> [Element] {
    count >= self.count ? self : (0..<count).map { self[$0 * self.count / count] }
  }
}

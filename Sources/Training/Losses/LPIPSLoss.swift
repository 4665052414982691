public import DepthModels
public import Tensors

/// The LPIPS distance between prediction and truth, which keeps edges sharp.
///
/// LPIPS compares the features of a network that was trained on photos. Maps in 0…1 are converted to gray images. Where
/// the truth is void, both images show the prediction, and the gradient is 0. See `LPIPS`.
public struct LPIPSLoss: Sendable {
  private let lpips: LPIPS

  /// Creates a loss that uses an LPIPS network.
  public init(_ lpips: LPIPS) { self.lpips = lpips }

  /// Returns the mean distance over a batch, and its gradient.
  ///
  /// - Parameters:
  ///   - prediction: `[batch, row, column, channel]` in 0…1, with one or three channels.
  ///   - truth: The same shape; values that are not finite are void.
  /// - Returns: NaN if any value of the prediction is not finite.
  public func callAsFunction(_ prediction: Tensor, truth: Tensor) -> Loss {
    guard Loss.isDefined(prediction, against: truth) else { return .undefined(prediction.shape) }
    let (batch, rows, columns, channels) = prediction.shape.image
    precondition(channels == 1 || channels == 3, "\(channels) channels, expected one or three")
    let size = rows * columns * channels
    let copies = 3 / channels
    var (value, gradient) = (0.0, [Float]())
    for image in 0..<batch {
      let range = image * size..<(image + 1) * size
      func shown(_ number: (Int) -> Float) -> Tensor {
        Tensor(
          [1, rows, columns, 3],
          range.flatMap { [Float](repeating: number($0) * 2 - 1, count: copies) })
      }
      let slope = lpips.slope(
        shown { prediction.scalars[$0] },
        shown { truth.scalars[$0].isFinite ? truth.scalars[$0] : prediction.scalars[$0] })
      value += slope.distance / Double(batch)
      for i in 0..<size {
        guard truth.scalars[range.lowerBound + i].isFinite else {
          gradient.append(0)
          continue
        }
        let sum = (0..<copies).reduce(Float(0)) { $0 + slope.gradient.scalars[i * copies + $1] }
        gradient.append(sum * 2 / Float(batch))
      }
    }
    return Loss(value: value, gradient: Tensor(prediction.shape, gradient))
  }
}

public import DepthModels
public import Tensors

/// How unlike two maps look to a network that was trained on images: keeps edges sharp.
///
/// Maps of 0…1 are shown as grey images; where the truth is void, the prediction is shown in both, and
/// nothing comes back to it. See `LPIPS`.
public struct LPIPSLoss: Sendable {
  private let lpips: LPIPS

  public init(_ lpips: LPIPS) { self.lpips = lpips }

  /// The mean over a batch, and its gradient.
  ///
  /// - Parameters:
  ///   - prediction: `[batch, row, column, channel]` in 0…1, of one channel or three.
  ///   - truth: The same; what is not finite is void.
  /// - Returns: NaN for a prediction that is not finite everywhere.
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
